"""Subjects that lack a capability: which cases are not applicable, and which are judged."""

from __future__ import annotations

import pytest

from conformance.util.exit_codes import ExitCode
from tests.conftest import ROOT
from tests.runner.runs import Suite

OK = pytest.ExitCode.OK
CASES = """
plans = pytest.mark.needs("plans")
@clause("CODEC-01")
@pytest.mark.parametrize("level", ["expression", pytest.param("logical", marks=plans)])
def test_a(subject, level): assert level == "expression"
@clause("CODEC-03")
@plans
def test_b(subject): raise AssertionError("must not run")
"""
MINE = """
from conformance.subjects.loading import PARTS
from fake import Fake
from tests.subjects.complete import complete

class Chained(Fake):
    chain = complete(PARTS["chain"])(type("Chain", (), {}))()

class Planned(Chained):
    plans = complete(PARTS["plans"])(type("Plans", (), {}))()
"""
each_way = pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])


@pytest.fixture
def chained(suite: Suite) -> Suite:
    """Subjects with codecs: one without plans, and one with."""
    suite.pytester.makepyfile(mine=MINE)
    suite.cases(CASES)
    return suite


def _verdict(suite: Suite, clause: str) -> str:
    (verdict,) = (one.verdict for one in suite.report.verdicts() if one.clause == clause)
    return verdict


@each_way
def test_what_needs_no_plans_is_judged(chained: Suite, workers: list[str]) -> None:
    assert chained.run(*workers, subject="mine:Chained").ret == OK
    assert chained.outcomes() == {"chapter/a[expression]": "pass"}
    assert chained.report.complete
    assert _verdict(chained, "CODEC-01") == "pass"
    assert _verdict(chained, "CODEC-03") == "not applicable"


@each_way
def test_who_has_plans_is_judged_by_all(chained: Suite, workers: list[str]) -> None:
    assert chained.run(*workers, subject="mine:Planned").ret == pytest.ExitCode.TESTS_FAILED
    assert chained.outcomes() == {
        "chapter/a[expression]": "pass",
        "chapter/a[logical]": "fail",
        "chapter/b": "fail",
    }


def test_a_case_that_was_not_picked_is_not_taken_for_one_that_was_left_out(chained: Suite) -> None:
    chained.run("-k", "test_a and logical or test_b", subject="mine:Chained")
    assert chained.outcomes() == {}
    assert not chained.report.complete
    assert _verdict(chained, "CODEC-01") == "incomplete"


@each_way
def test_divergences_of_what_was_left_out_are_not_stale(chained: Suite, workers: list[str]) -> None:
    known = chained.known(
        {"clause": "CODEC-01", "cases": "chapter/a[logical]"},
        {"clause": "CODEC-01", "cases": "chapter/a[physical]"},
    )
    chained.run(*workers, "--divergences", str(known), subject="mine:Chained")
    assert chained.report.stale == ("known-1",)


@each_way
def test_a_cell_may_need_it(chained: Suite, workers: list[str]) -> None:
    assert (
        chained.run(*workers, "--needs", "plans", subject="mine:Chained").ret == ExitCode.WRONG_CELL
    )


def test_codecs_without_plans(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the chapters on codecs that speaks of expressions is judged."""
    chapters = ("CHAIN", "CODEC", "DERIVED", "ENCODE")
    monkeypatch.syspath_prepend(ROOT / "tests")
    options = [option for chapter in chapters for option in ("--chapter", chapter)]
    result = suite.run(
        *options,
        str(ROOT / "conformance" / "suite"),
        subject="tests.runner.capabilities:WithoutPlans",
    )
    assert result.ret == ExitCode.OK
    assert suite.report.complete
    absent = {one.clause for one in suite.report.verdicts() if one.verdict == "not applicable"}
    assert absent == {"ENCODE-02", "ENCODE-03"}
