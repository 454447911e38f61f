"""The verdicts of a report."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.report.model import FAILED, Outcome, Report
from conformance.spec import CLAUSES
from tests.report.cases import OUTCOMES, case, report, verdicts


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (["pass", "pass"], "pass"),
        (["pass", "fail"], "fail"),
        (["pass", "crash"], "fail"),
        (["pass", "hang"], "fail"),
        (["pass", "divergence"], "divergence"),
        (["divergence", "fail"], "fail"),
        (["pass", "warning"], "warning"),
        (["divergence", "warning"], "warning"),
        (["fail", "warning"], "fail"),
        ([], "incomplete"),
    ],
)
def test_verdict(seen: list[str], verdict: str) -> None:
    cases = [case(f"chapter/{n}", "FRAME-01", outcome) for n, outcome in enumerate(seen)]
    one = report(*cases, case("chapter/other", "FRAME-02"))
    assert verdicts(one)["FRAME-01"] == verdict
    assert verdicts(one)["FRAME-02"] == "pass"
    assert list(verdicts(one)) == list(CLAUSES)
    assert one.failed == (verdict == "fail")


def test_not_applicable() -> None:
    one = report(case("chapter/x"))
    one.not_applicable = ("FRAME-02",)
    assert verdicts(one)["FRAME-02"] == "not applicable"


@pytest.mark.parametrize(
    "one",
    [
        report(case("chapter/x"), planned=2),
        report(case("chapter/x"), whole=False),
        report(planned=0),
        report(case("chapter/x"), case("chapter/x"), planned=2),
    ],
    ids=["one-missing", "picked", "empty", "one-reported-twice"],
)
def test_what_is_not_complete_passes_nothing(one: Report) -> None:
    assert not one.complete
    assert set(verdicts(one).values()) == {"incomplete"}


def test_stale_is_a_failure() -> None:
    one = report(case("chapter/x"))
    assert not one.failed
    one.stale = ("known",)
    assert one.failed


@given(st.lists(OUTCOMES), st.integers(0, 25), st.booleans())
def test_green_only_if_all_cases_are_reported_and_hold(
    cases: list[Outcome], planned: int, whole: bool
) -> None:
    one = report(*cases, planned=planned, whole=whole)
    for clause, verdict in verdicts(one).items():
        mine = {result.outcome for result in cases if result.clause == clause}
        if verdict in ("pass", "divergence", "warning"):
            assert one.complete
            assert mine <= {"pass", "divergence", "warning"}
            assert mine
        if mine & set(FAILED):
            assert verdict == "fail"
