"""The table of the page."""

from __future__ import annotations

import pytest

from conformance.page.table import WORST_FIRST, chapters, engines, worst
from conformance.report.summary import Summary
from conformance.spec import CHAPTERS, CLAUSES
from tests.report.reports import STRICT, diverging, failing, report


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["pass", "fail"], "fail"),
        (["pass", "divergence", ""], "divergence"),
        (["not applicable", "pass"], "pass"),
        (["", "not applicable"], "not applicable"),
    ],
)
def test_the_worst_verdict(verdicts: list[str], expected: str) -> None:
    assert worst(verdicts) == expected


def test_a_chapter_has_the_worst_verdict_of_each_column() -> None:
    known = diverging(STRICT[1], "x")
    summary = Summary(
        {"a": report("54.0.0", outcomes=known), "b": report(outcomes=failing(STRICT[0]))}
    )
    found = {one.id: one for one in chapters(summary)}
    assert [*found] == [*CHAPTERS]
    assert found["STRICT"].verdicts == ["divergence", "fail"]
    assert [*found["STRICT"].counts] == [
        ("fail", 1),
        ("divergence", 1),
        ("pass", len(STRICT) - 2),
    ]
    assert {row.clause.id for one in found.values() for row in one.rows} == {*CLAUSES}


def test_columns_of_one_engine_are_together() -> None:
    summary = Summary(
        {"a": report("54.0.0"), "b": report(), "c": report(outcomes=failing(STRICT[0]))}
    )
    assert [(one.title, len(one.columns)) for one in engines(summary)] == [
        ("54.0.0", 1),
        ("55.0.0", 2),
    ]


def test_every_verdict_of_a_report_has_its_place() -> None:
    summary = Summary({"a": report(not_applicable=(STRICT[0],)), "b": report(planned=999)})
    found = {verdict for column in summary.columns for verdict in column.verdicts.values()}
    assert found == {"pass", "not applicable", "incomplete"}
    assert found <= {*WORST_FIRST}
