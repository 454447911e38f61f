"""Snippets of clauses: 0 on the installed engine, 1 on one that breaks what they show."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping

import pytest

from conformance.spec import CLAUSES
from conformance.spec.clauses import SNIPPETS
from tests.conftest import ROOT
from tests.spec.breaks import BREAKS

Ended = Mapping[str, tuple[int, str]]
"""By clause: the exit code of its snippet, and the last line."""

MOST_LINES = 25


@pytest.fixture(scope="module")
def ended() -> Mapping[str, Ended]:
    """On the ``whole`` engine and on the ``broken`` one."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.spec.run_snippets"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=600,  # those of Ray and Dask, where they are installed, take minutes
    )
    found: Mapping[str, Ended] = json.loads(done.stdout)
    return found


def test_each_is_of_a_clause_and_has_an_engine_that_breaks_it() -> None:
    names = sorted(path.stem for path in SNIPPETS.iterdir() if path.suffix == ".py")
    assert names == sorted(clause.id for clause in CLAUSES.values() if clause.snippet)
    assert names == sorted(" ".join(BREAKS.values()).split())


def test_each_ends_well_on_what_is_installed(ended: Mapping[str, Ended]) -> None:
    assert {clause: one for clause, one in ended["whole"].items() if one[0]} == {}


def test_each_notices_an_engine_that_breaks_its_clause(ended: Mapping[str, Ended]) -> None:
    assert ended["broken"].keys() == ended["whole"].keys()
    assert {clause: one for clause, one in ended["broken"].items() if one[0] != 1} == {}


def test_each_fits_on_a_screen_and_needs_no_suite() -> None:
    for path in SNIPPETS.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= MOST_LINES, path
        assert "conformance" not in text, path
