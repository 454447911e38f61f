"""The table of a page: clauses by chapter, and cells with equal verdicts as one column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from conformance.report.summary import ReportColumn, Summary
from conformance.spec import CHAPTERS, CLAUSES, Clause

WORST_FIRST = (
    *("fail", "incomplete", "fixed", "warning", "divergence"),
    *("pass", "not applicable", ""),
)
"""The verdicts; a chapter has the worst of its clauses."""

WORDS = {"divergence": "diverges", "warning": "SHOULD", "not applicable": "n/a", "": "not judged"}
"""How a verdict is written, where it is not written as it is."""


@dataclass(frozen=True)
class Engine:
    """The engine or subject of consecutive columns."""

    title: str
    columns: Sequence[ReportColumn]


@dataclass(frozen=True)
class ClauseRow:
    """A clause and its verdict in each column."""

    clause: Clause
    verdicts: Sequence[str]


@dataclass(frozen=True)
class ChapterRows:
    """A chapter, the worst verdict of each column, and its clauses."""

    id: str
    title: str
    verdicts: Sequence[str]
    rows: Sequence[ClauseRow]

    @property
    def counts(self) -> Iterator[tuple[str, int]]:
        """The clauses by the worst of their verdicts, as words and number, the worst first."""
        found = Counter(worst(row.verdicts) for row in self.rows)
        for verdict in WORST_FIRST:
            if found[verdict]:
                yield verdict, found[verdict]


def worst(verdicts: Sequence[str]) -> str:
    """Return the worst of these verdicts."""
    return min(verdicts, key=WORST_FIRST.index)


def engines(summary: Summary) -> Sequence[Engine]:
    """Return the engines with their columns, in the order of the columns."""
    grouped = groupby(summary.columns, key=lambda column: column.title)
    return [Engine(title, tuple(columns)) for title, columns in grouped]


def chapters(summary: Summary) -> Iterator[ChapterRows]:
    """Yield the judged chapters, in the order of the spec."""
    for chapter, clauses in groupby(summary.judged, key=lambda clause: CLAUSES[clause].chapter):
        rows = [
            ClauseRow(
                CLAUSES[clause],
                [column.verdicts.get(clause, "") for column in summary.columns],
            )
            for clause in clauses
        ]
        by_column = zip(*(row.verdicts for row in rows), strict=True)
        verdicts = [worst(column) for column in by_column]
        yield ChapterRows(chapter, CHAPTERS[chapter].title, verdicts, rows)
