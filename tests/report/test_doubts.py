"""Doubts stand beside the verdict: one run under two names, divergences of its own list."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.report.badge import badge
from conformance.report.doubts import doubts
from conformance.report.file import write_report
from conformance.report.merged import Merged
from conformance.report.model import Outcome, Report
from conformance.report.summary import Summary
from conformance.spec import DIVERGENCES
from tests.report.reports import STRICT, diverging, fixing, report

KNOWN = next(iter(DIVERGENCES.values()))
OTHER = next(clause for clause in STRICT if clause != KNOWN.clause)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


def timed(seconds: float) -> Report:
    """A report whose cases took this long, as those of a real run do."""
    found = report()
    return replace(found, cases=[replace(case, seconds=seconds) for case in found.cases])


def test_one_run_under_two_names_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_report(timed(0.25), tmp_path / f"{name}.json")
    one, other = tmp_path / "a.json", tmp_path / "b.json"
    message = f"{other}: b: the same run as a, in {one}: it counts once, under one name\n"
    assert (run("table", one, other).exit_code, run("table", one, other).output) == (2, message)
    target = tmp_path / "merged"
    merged = run("report", "merge", one, other, "-o", target)
    assert (merged.exit_code, merged.output) == (3, f"Not merged: {message}")
    assert not target.exists()
    assert run("report", "badge", one, other, "-o", target).exit_code == 2


def test_two_runs_on_equal_machines_are_two(tmp_path: Path) -> None:
    """Their durations differ; they may still be one, which is a remark and no failure."""
    for name, seconds in (("a", 0.25), ("b", 0.5)):
        write_report(timed(seconds), tmp_path / f"{name}.json")
    result = run("table", tmp_path / "a.json", tmp_path / "b.json")
    assert result.exit_code == 0
    assert result.output.startswith("PASSED: 1 engine in 2 cells; ")
    assert (
        "a, b have the same versions and the same results: if they are one run under several "
        "names, it counts several times."
    ) in result.output


def test_a_run_beside_the_document_that_has_it(tmp_path: Path) -> None:
    """A document has no durations: nothing shows whether it is this run."""
    write_report(timed(0.25), tmp_path / "a.json")
    Merged({"b": timed(0.25).normalized()}).write(tmp_path / "merged.json")
    result = run("table", "--json", tmp_path / "a.json", tmp_path / "merged.json")
    assert result.exit_code == 0
    (remark,) = json.loads(result.output)["remarks"]
    assert remark.startswith("a, b have the same versions and the same results")


def test_many_names_are_counted() -> None:
    equal = {name: report() for name in "abcde"}
    (doubt,) = doubts(equal)
    assert doubt.startswith("a, b, c and 2 more have the same versions")


@pytest.mark.parametrize(
    "other", [report("54.0.0"), report(python="3.11.7"), report(not_applicable=("STRICT-01",))]
)
def test_other_versions_and_other_results_raise_no_doubt(other: Report) -> None:
    assert not list(doubts({"a": report(), "b": other}))


@pytest.mark.parametrize(
    ("outcomes", "name"),
    [
        (diverging(OTHER, "made-up"), "made-up"),
        (diverging(OTHER, KNOWN.id), KNOWN.id),
    ],
    ids=["unknown", "of-another-clause"],
)
def test_a_divergence_that_only_a_list_of_the_run_has(
    outcomes: dict[str, Outcome], name: str
) -> None:
    """The run may be as it should be, but not by what is recorded of the engines."""
    summary = Summary({"55.0.0-a": report(outcomes=outcomes)})
    assert list(summary.remarks()) == [
        "Not among the known divergences of the engines, but in a list that the run was given: "
        f"{name}, in 55.0.0-a."
    ]
    shown = badge(summary)
    assert shown["color"] == "yellow"
    assert shown["message"].endswith(" clauses hold, others by its own list")


def test_what_passed_raises_no_doubt() -> None:
    """The clause holds, whichever list had a divergence from it."""
    passed = report(outcomes=fixing(OTHER, "made-up"), allow_fixed=True)
    assert not list(doubts({"a": passed}))
    assert badge(Summary({"a": passed}))["color"] == "brightgreen"


def test_what_is_recorded_raises_no_doubt() -> None:
    summary = Summary({"55.0.0-a": report(outcomes=diverging(KNOWN.clause, KNOWN.id))})
    assert not list(summary.remarks())
    assert badge(summary)["color"] == "green"


def test_the_divergences_of_another_subject_are_its_own() -> None:
    """Nothing is recorded of it: its list is the only one."""
    other = replace(report(outcomes=diverging(OTHER, "made-up")), subject="mine")
    assert not list(doubts({"mine": other}))
    assert badge(Summary({"mine": other}))["color"] == "green"


@pytest.mark.parametrize("given", ["cell", "cell=", "cell= ", "=why"])
def test_a_cell_that_is_missing_without_a_reason(tmp_path: Path, given: str) -> None:
    write_report(report(), tmp_path / "a.json")
    result = run("table", tmp_path / "a.json", "--missing", given)
    cell = given.partition("=")[0]
    assert result.exit_code == 2
    assert result.output == f"--missing {cell}: expected CELL=WHY, with a reason\n"


def test_an_expected_cell_of_any_name_is_no_engine(tmp_path: Path) -> None:
    write_report(report(), tmp_path / "a.json")
    result = run("table", tmp_path / "a.json", "--expect", "foo", "--expect", "56.0.0-py3.12")
    assert result.exit_code == 1
    assert "datafusion foo" not in result.output
    assert "datafusion 56.0.0: NOTHING IS KNOWN" in result.output
    assert "planned, but there is no report" in result.output
