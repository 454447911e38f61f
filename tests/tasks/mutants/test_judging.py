"""Mutants run in forks; survivors are held against what is written down."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conformance.util.records import SpecError
from tasks.mutants.equivalent import FILE, Entry, entries, unneeded
from tasks.mutants.figures import Figures
from tasks.mutants.targets import Target
from tasks.mutants.verdicts import Verdict
from tests.conftest import ROOT

KILLER = """
import sys
from tasks.mutants.targets import Target
from tasks.mutants.verdicts import judge
from tasks.mutation.cases import collect

cases = tuple(case for case in collect() if case.test == "inline/bytes")[:2]
for verdict in judge([Target(name, "", "", cases, ()) for name in sys.argv[1:]], jobs=1):
    print(verdict.target.name, verdict.killed, verdict.by and verdict.by.outcome)
"""


def test_a_mutant_is_killed_and_the_engine_itself_is_not() -> None:
    names = ["python/expr.Expr.from_bytes/return-none/1", "wire/write/frame-cut/always"]
    done = subprocess.run(
        [sys.executable, "-c", KILLER, "unchanged", *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert sorted(done.stdout.splitlines()) == [
        f"{names[0]} True fail",
        "unchanged False None",
        f"{names[1]} True fail",
    ], done.stderr


def survived(name: str) -> Verdict:
    return Verdict(Target(name, "", "", (), ()))


def test_figures() -> None:
    verdicts = [survived("a"), survived("b"), Verdict(survived("c").target, broken="it is")]
    known = [Entry(("a",), "equivalent", "it is"), Entry(("d",), "open", "not run")]
    found = Figures(verdicts, known, ["f"])
    assert found.counts() == {
        "mutants": 3,
        "killed": 1,
        "survived": 1,
        "open": 0,
        "equivalent": 1,
        "not-promised": 0,
        "functions out of scope": 1,
    }
    assert (found.score, found.ok, found.unneeded) == (0.5, False, [])
    assert [one.target.name for one in found.unknown] == ["b"]


def test_an_entry_that_is_no_longer_needed() -> None:
    known = [Entry(("a*", "b"), "equivalent", "it is")]
    assert unneeded(known, ["b"], ["a1", "b"]) == ["a*"]
    assert unneeded(known, ["b"], ["b"]) == []  # a* did not run


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('mutants = ["a"]\nkind = "maybe"\nreason = "x"', "kind must be one of"),
        ('mutants = ["a", "a"]\nkind = "open"\nreason = "x"', "a comes twice"),
        ('mutants = ["a"]\nkind = "open"', "'reason' is missing"),
    ],
)
def test_a_malformed_entry(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "equivalent.toml"
    file.write_text(f"[[survivor]]\n{text}\n")
    with pytest.raises(SpecError, match=told):
        entries(file)


def test_the_written_entries_are_well_formed() -> None:
    assert entries(FILE) is not None
