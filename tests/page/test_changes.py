"""The changes between two runs."""

from __future__ import annotations

from conformance.page.changes import compare
from tests.report.reports import STRICT, failing, report


def test_equal_runs_have_no_changes() -> None:
    assert compare({"a": report()}, {"a": report()}).changes == []


def test_one_report_each_is_compared_by_any_name() -> None:
    found = compare({"a": report()}, {"b": report(outcomes=failing(STRICT[0]))})
    ((change),) = found.changes
    assert (change.clause.id, change.old, change.new) == (STRICT[0], "pass", "fail")
    assert change.worse
    assert change.cells == ("b",)


def test_cells_are_compared_by_name_and_the_worse_comes_first() -> None:
    old = {"a": report(outcomes=failing(STRICT[0])), "b": report(), "gone": report()}
    new = {"a": report(), "b": report(outcomes=failing(STRICT[1])), "new": report()}
    found = compare(old, new)
    shown = [(one.clause.id, one.old, one.new, one.worse, one.cells) for one in found.changes]
    assert shown == [
        (STRICT[1], "pass", "fail", True, ("b",)),
        (STRICT[0], "fail", "pass", False, ("a",)),
    ]
    assert (found.only_old, found.only_new) == (["gone"], ["new"])


def test_a_clause_that_one_run_does_not_judge_is_no_change() -> None:
    narrow = report()
    narrow.chapters = ("FRAME",)
    narrow.cases = [case for case in narrow.cases if case.clause.startswith("FRAME-")]
    narrow.planned = len(narrow.cases)
    assert compare({"a": narrow}, {"a": report()}).changes == []
    assert compare({"a": report()}, {"a": narrow}).changes == []
