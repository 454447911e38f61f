"""The clauses of each cell, counted by verdict: a line per cell, or per group of equal cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.report.summary import Summary

MOST = 40
"""How many cells have a line each; of more, those with equal verdicts share one."""


@dataclass(frozen=True)
class CellCounts:
    """One cell, or cells with equal verdicts: their cases, and the clauses by verdict."""

    title: str
    cases: str
    verdicts: Mapping[str, int]


def counts(summary: Summary) -> Iterator[CellCounts]:
    """Yield the lines, sorted by cell."""
    verdicts = {
        name: Counter(column.verdicts.values())
        for column in summary.columns
        for name in column.cells
    }
    if len(summary.reports) <= MOST:
        for name, report in summary.reports.items():
            yield CellCounts(name, str(report.planned), verdicts[name])
        return
    for column in summary.columns:
        planned = sorted({summary.reports[name].planned for name in column.cells})
        cases = f"{planned[0]} … {planned[-1]}" if len(planned) > 1 else str(planned[0])
        first, *others = column.cells
        more = f" and {len(others)} more" if others else ""
        yield CellCounts(f"{first}{more}", cases, verdicts[first])
