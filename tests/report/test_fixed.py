"""A divergence that is fixed fails a run, unless the run allows it: in tables and documents."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.report.file import write_report
from conformance.report.merged import Merged
from conformance.report.model import Outcome, Report
from conformance.report.problems import problems, verdict
from conformance.report.summary import Summary
from conformance.spec import DIVERGENCES
from conformance.util.exit_codes import ExitCode
from tests.report.reports import diverging, fixing, report

KNOWN = next(iter(DIVERGENCES.values()))
REMOVE = "fixed: remove the entry, or narrow its `engines`"


def table(report: Report, folder: Path, *options: str) -> Result:
    write_report(report, folder / "55.0.0-a.json")
    return CliRunner().invoke(main, ["table", str(folder / "55.0.0-a.json"), *options])


def with_fixed(*, allow_fixed: bool) -> Report:
    return report(outcomes=fixing(KNOWN.clause, KNOWN.id), allow_fixed=allow_fixed)


@pytest.mark.parametrize("options", [[], ["--markdown"], ["--all"]])
def test_it_is_red_by_default(tmp_path: Path, options: list[str]) -> None:
    result = table(with_fixed(allow_fixed=False), tmp_path, *options)
    assert result.exit_code == 1
    assert result.output.replace("*", "").startswith("FAILED: ")
    assert f"1 known divergence FIXED ({KNOWN.id})" in result.output.replace("\\", "")
    assert REMOVE in result.output.replace("\\", "")


@pytest.mark.parametrize("options", [[], ["--markdown"], ["--all"]])
def test_it_is_listed_and_green_where_it_may_be(tmp_path: Path, options: list[str]) -> None:
    result = table(with_fixed(allow_fixed=True), tmp_path, *options)
    assert result.exit_code == 0
    assert result.output.replace("*", "").startswith("PASSED: ")
    assert f"1 known divergence FIXED ({KNOWN.id})" in result.output.replace("\\", "")
    assert REMOVE in result.output.replace("\\", "")


def test_a_problem_says_what_to_do() -> None:
    (found,) = problems(Summary({"55.0.0-a": with_fixed(allow_fixed=False)}), {})
    assert found.title == f"FIXED {KNOWN.id}"
    assert found.text == REMOVE
    assert "--allow-fixed" in found.advice
    assert not list(problems(Summary({"55.0.0-a": with_fixed(allow_fixed=True)}), {}))


def test_a_divergence_that_still_shows_elsewhere_is_fixed_in_part() -> None:
    other = report(outcomes=fixing(KNOWN.clause, KNOWN.id), allow_fixed=True)
    other.cases.append(replace(diverging(KNOWN.clause, KNOWN.id)[KNOWN.clause], case="case/other"))
    other.planned += 1
    (line,) = Summary({"55.0.0-a": other}).fixed()
    assert line.text == "fixed: in part: other cases still show it; narrow its `cases`"


@pytest.mark.parametrize(
    ("case", "clause", "outcome"),
    [
        ("case/other", KNOWN.clause, "fail"),
        ("case/other", KNOWN.clause, "warning"),
        (f"case/{KNOWN.clause}[window]", "FRAME-01", "crash"),
    ],
)
def test_beside_a_case_that_fails_in_another_way_nobody_is_told_to_remove_it(
    case: str, clause: str, outcome: str
) -> None:
    """A case that fails so does not name it: the clause or the function is the same."""
    other = report(outcomes=fixing(KNOWN.clause, KNOWN.id), allow_fixed=True)
    other.cases.append(Outcome(case, clause, outcome, "other", "", "crash"))
    other.planned += 1
    (line,) = Summary({"55.0.0-a": other}).fixed()
    assert line.text == (
        "fixed: in part, if at all: other cases beside it fail, and not as recorded; see to these, "
        "and keep the entry until then"
    )


def test_a_failure_elsewhere_does_not_change_the_advice() -> None:
    other = report(outcomes=fixing(KNOWN.clause, KNOWN.id))
    other.cases.append(Outcome("case/other", "FRAME-01", "fail", "other", "", "crash"))
    other.planned += 1
    (line,) = Summary({"55.0.0-a": other}).fixed()
    assert line.text == REMOVE


def test_one_cell_that_does_not_allow_it_is_red() -> None:
    both = {
        "55.0.0-a": with_fixed(allow_fixed=True),
        "55.0.0-b": with_fixed(allow_fixed=False),
    }
    summary = Summary(both)
    assert summary.code == ExitCode.FAILED
    assert "1 known divergence FIXED" in verdict(summary)


@pytest.mark.parametrize("allow_fixed", [True, False])
def test_a_merged_document_keeps_it(tmp_path: Path, allow_fixed: bool) -> None:
    one = with_fixed(allow_fixed=allow_fixed)
    path = tmp_path / "merged.json"
    Merged({"55.0.0-a": one.normalized()}).write(path)
    (back,) = Merged.parse(path, path.read_bytes()).reports.values()
    assert back.fixed == one.fixed
    assert back.failed is not allow_fixed
