"""One report and the records show which divergences went away and which failures came."""

from __future__ import annotations

from dataclasses import replace

from conformance.report.model import Outcome, Report
from conformance.spec import DIVERGENCES
from tasks.releases.divergences import changes
from tests.report.reports import failing, report

CELL = report().cell
ENTRY = next(
    entry
    for entry in DIVERGENCES.values()
    if entry.in_cell(CELL) and "*" not in entry.cases[0].partition("[")[0]
)
CASE = ENTRY.cases[0].replace("*", "x")
OTHER = "STRICT-01"


def as_recorded(case: str = CASE) -> Outcome:
    return Outcome(case, ENTRY.clause, "divergence", "", ENTRY.id, ENTRY.kind)


def passed(case: str = CASE) -> Outcome:
    return Outcome(case, ENTRY.clause, "fixed", "fixed", ENTRY.id, "unexpected-pass")


def with_cases(*cases: Outcome, stale: tuple[str, ...] = ()) -> Report:
    plain = report(stale=stale)
    return replace(plain, cases=[*plain.cases, *cases])


def test_a_divergence_that_shows_as_recorded_is_the_same() -> None:
    found = changes(with_cases(as_recorded()))
    assert found.recorded > 0
    assert (found.gone, found.partly, found.came) == ((), (), ())


def test_a_divergence_whose_cases_pass_went_away() -> None:
    found = changes(with_cases(passed()))
    assert found.gone == (ENTRY.id,)
    assert found.came == ()


def test_a_divergence_that_one_case_still_shows_went_away_in_part() -> None:
    found = changes(with_cases(as_recorded(CASE), passed(CASE)))
    assert (found.gone, found.partly) == ((), (ENTRY.id,))


def test_a_case_that_fails_otherwise_than_recorded_came() -> None:
    other = Outcome(CASE, ENTRY.clause, "hang", "no answer\nstacks", "", "hang")
    found = changes(with_cases(other, stale=(ENTRY.id,)))
    assert found.gone == ()
    (came,) = found.came
    assert (came.clause, came.recorded, came.message) == (ENTRY.clause, ENTRY.id, "no answer")


def test_a_failure_that_nobody_recorded_came_with_the_severity_of_its_clause() -> None:
    (came,) = changes(report(outcomes=failing(OTHER))).came
    assert (came.clause, came.cases, came.recorded) == (OTHER, 1, "")
    assert came.severity == "code-execution"
    assert came.message == "not the expected value"


def test_a_divergence_of_a_clause_that_is_not_applicable_did_not_go_away() -> None:
    without = report(not_applicable=(ENTRY.clause,), stale=())
    assert changes(without).recorded < changes(report()).recorded
    assert changes(without).gone == ()
