"""Snippets: they run on plain datafusion, and show what they say."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conformance.runner.snippets import REFUSALS, UDFS, WAYS, script, snippet
from conformance.spec import CLAUSES, DIVERGENCES


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("family", UDFS)
def test_a_snippet_shows_the_refusal(family: str, way: str) -> None:
    text = snippet("STRICT-02", {"family": family, "way": way})
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert f"Refusing to deserialize inline Python {family} UDF" in done.stderr


def test_what_no_snippet_shows_has_none() -> None:
    assert set(REFUSALS) <= set(CLAUSES)
    assert snippet("STRICT-02", {}) == ""
    assert snippet("STRICT-02", {"family": "scalar", "way": "copy"}) == ""
    assert snippet("FRAME-02", {"family": "scalar", "way": "from_bytes"}) == ""


def test_a_clause_with_a_script_has_it_in_each_of_its_failures() -> None:
    script = CLAUSES["FRAME-01"].snippet
    assert script
    assert snippet("FRAME-01", {"family": "window"}) == script.read_text(encoding="utf-8")


def test_the_script_is_that_of_a_divergence_of_the_clause() -> None:
    """That of a divergence which covers the case comes first."""
    clauses = [one.clause for one in DIVERGENCES.values()]
    clause = next(clause for clause in clauses if clauses.count(clause) > 1)
    known = [one for one in DIVERGENCES.values() if one.clause == clause]
    case = known[-1].cases[0].replace("*", "x")
    expected = next(one for one in known if one.covers(case))
    assert f"python {expected.reproduction}\n" in script(case, clause, DIVERGENCES.values())
    assert script("no/case", clause, known).startswith(f"python {known[0].reproduction}\n")
    assert script(case, clause, []) == ""
