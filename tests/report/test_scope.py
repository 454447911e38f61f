"""A verdict on a part of the spec says which part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from conformance.report.badge import badge
from conformance.report.model import Report
from conformance.report.problems import verdict
from conformance.report.scope import scope
from conformance.report.sentences import sentences
from conformance.report.summary import Summary
from conformance.spec import CHAPTERS, CLAUSES
from tests.report.reports import STRICT, report

FIRST = tuple(CHAPTERS)


def of(*chapters: str, profile: str = "") -> Report:
    """A report in which every clause of the chapters holds."""
    whole = report()
    cases = [one for one in whole.cases if CLAUSES[one.clause].chapter in chapters]
    return replace(whole, chapters=chapters, profile=profile, cases=cases, planned=len(cases))


@pytest.mark.parametrize(
    ("reports", "words"),
    [
        ([report()], ""),
        ([of("STRICT")], "chapter STRICT"),
        ([of("STRICT"), report()], ""),
        ([of("STRICT"), of("FRAME")], "chapters FRAME, STRICT"),
        ([of(*FIRST[:5])], f"chapters {', '.join(FIRST[:5])}"),
        ([of(*FIRST[:6])], f"6 of {len(FIRST)} chapters"),
        ([of(*FIRST)], ""),
        ([replace(report(), profile="wire")], "profile wire"),
        ([replace(report(), profile="wire"), report()], ""),
        ([of("STRICT", profile="wire")], "chapter STRICT in profile wire"),
    ],
)
def test_scope(reports: Sequence[Report], words: str) -> None:
    assert scope(reports) == words


def test_the_verdict_the_sentence_and_the_badge_name_the_part() -> None:
    summary = Summary({"a": of("STRICT")})
    assert verdict(summary) == (
        "PASSED: 1 engine in 1 cell; every clause of chapter STRICT holds or diverges as known; "
        "no other was judged."
    )
    (sentence,) = sentences(summary)
    number = len(STRICT)
    assert f"{number} of {number} clauses of chapter STRICT hold in its one cell" in sentence
    assert badge(summary)["message"] == f"{number} of {number} clauses of chapter STRICT hold"


def test_the_verdict_on_all_says_no_more() -> None:
    summary = Summary({"a": report()})
    assert verdict(summary).endswith("in 1 cell; every clause holds or diverges as known.")
