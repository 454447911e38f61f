"""Summarize the reports of several cells: columns, rows, findings, summary lines.

``table`` and ``markdown`` format the summary.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from conformance.matrix import ENGINE
from conformance.report.doubts import doubts
from conformance.report.model import FAILED, KNOWN, WARNING, Outcome, Report
from conformance.report.scope import scope
from conformance.spec import CLAUSES, DIVERGENCES
from conformance.util.exit_codes import ExitCode

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True)
class ReportColumn:
    """Cells of one engine with equal verdicts on every clause."""

    subject: str
    engine: str
    cells: tuple[str, ...]
    verdicts: Mapping[str, str]

    @property
    def title(self) -> str:
        """The engine's version, after the name of the subject if it is not the engine."""
        if self.engine and self.subject == ENGINE:
            return self.engine
        return f"{self.subject} {self.engine}".strip()


@dataclass(frozen=True)
class Row:
    """Consecutive clauses with equal verdicts in every column."""

    clauses: tuple[str, ...]
    verdicts: tuple[str, ...]

    @property
    def title(self) -> str:
        """The clause, or the first and last clause and their number."""
        if len(self.clauses) == 1:
            return self.clauses[0]
        return f"{self.clauses[0]} … {self.clauses[-1]} ({len(self.clauses)})"


@dataclass(frozen=True)
class SummaryLine:
    """One clause, or one known divergence of it, and the cells that show it."""

    name: str
    text: str
    cells: tuple[str, ...]
    clause: str = ""


class Summary:
    """The reports of a run, by the names of their cells.

    ``expected`` cells must have a report. ``missing`` cells have none, for the given reason;
    they are listed but do not fail the run.
    """

    def __init__(
        self,
        reports: Mapping[str, Report],
        expected: Iterable[str] = (),
        missing: Mapping[str, str] | None = None,
    ) -> None:
        self.reports = reports
        self.missing = dict(missing or {})
        self.without_report = tuple(name for name in expected if name not in reports)

    @cached_property
    def partial(self) -> Mapping[str, str]:
        """The cells that judged less than planned, each with the reason."""
        return {name: one.narrowed for name, one in self.reports.items() if one.narrowed}

    @property
    def incomplete(self) -> tuple[str, ...]:
        """The cells that did not run every case that was selected."""
        return tuple(
            name
            for name, report in self.reports.items()
            if report.planned == 0 or report.missing_outcomes
        )

    @property
    def code(self) -> ExitCode:
        """The exit code of the run: ``OK``, ``PARTIAL`` or ``FAILED``."""
        failed = any(report.failed for report in self.reports.values())
        lost = self.without_report or self.incomplete or self.unjudged
        if failed or lost or not self.reports:
            return ExitCode.FAILED
        return ExitCode.PARTIAL if self.partial else ExitCode.OK

    @property
    def good(self) -> bool:
        """Return whether every planned clause of every planned cell holds or diverges as known."""
        return self.code is ExitCode.OK

    @cached_property
    def unjudged(self) -> Sequence[str]:
        """The clauses for which a whole run has no case; empty where a run is incomplete."""
        return [] if self.incomplete else self.unjudged_in(self.columns)

    @property
    def scope(self) -> str:
        """The part of the spec that was judged, in words; empty for all of it."""
        return scope(self.reports.values())

    def unjudged_in(self, columns: Iterable[ReportColumn]) -> list[str]:
        """Return the clauses for which a whole run has no case."""
        whole = [column for column in columns if not self.partial.keys() >= {*column.cells}]
        return [
            clause
            for clause in self.judged
            if any(column.verdicts.get(clause) == "incomplete" for column in whole)
        ]

    @cached_property
    def columns(self) -> Sequence[ReportColumn]:
        """The columns of the table: cells with equal verdicts share one."""
        folded: dict[tuple[str, str, tuple[tuple[str, str], ...]], list[str]] = {}
        for name, report in self.reports.items():
            shared_verdicts = tuple(
                (verdict.clause, verdict.verdict) for verdict in report.verdicts()
            )
            key = (report.subject, report.cell.get("engine", ""), shared_verdicts)
            folded.setdefault(key, []).append(name)
        return [
            ReportColumn(subject, engine, tuple(cells), dict(shared_verdicts))
            for (subject, engine, shared_verdicts), cells in folded.items()
        ]

    @cached_property
    def judged(self) -> Sequence[str]:
        """The clauses that any report judges, in the order of the spec."""
        found = {clause for report in self.reports.values() for clause in report.judged}
        return [clause for clause in CLAUSES if clause in found]

    def rows(self, *, fold: bool = True) -> Iterator[Row]:
        """Yield the rows of the table, in the order of the spec.

        ``fold`` joins consecutive clauses of a chapter with equal verdicts; a clause that fails
        or diverges anywhere keeps a row of its own. The verdict is empty in a column that does
        not judge the clause.
        """
        run: list[str] = []
        shared_verdicts: tuple[str, ...] = ()
        for clause in self.judged:
            verdicts = tuple(column.verdicts.get(clause, "") for column in self.columns)
            joins = (
                fold
                and run
                and verdicts == shared_verdicts
                and not {"fail", "fixed", "divergence", "warning"} & set(verdicts)
                and CLAUSES[clause].chapter == CLAUSES[run[-1]].chapter
            )
            if not joins and run:
                yield Row(tuple(run), shared_verdicts)
                run = []
            run.append(clause)
            shared_verdicts = verdicts
        if run:
            yield Row(tuple(run), shared_verdicts)

    def failures(self) -> Iterator[SummaryLine]:
        """Yield the clauses that fail, each with the message of its first failing case."""
        yield from self._by_clause(FAILED)

    def warnings(self) -> Iterator[SummaryLine]:
        """Yield the SHOULD clauses that do not hold, in runs that are not strict."""
        yield from self._by_clause((WARNING,))

    def outcomes_of(
        self, outcomes: Collection[str]
    ) -> Mapping[str, Mapping[str, Sequence[Outcome]]]:
        """Return the cases with one of these outcomes: by clause, then by cell.

        The clauses are in the order of the spec. The last one is ``""`` where a process died
        between two cases.
        """
        found: dict[str, dict[str, list[Outcome]]] = {}
        for name, report in self.reports.items():
            for case in report.cases:
                if case.outcome in outcomes:
                    found.setdefault(case.clause, {}).setdefault(name, []).append(case)
        return {clause: found[clause] for clause in (*CLAUSES, "") if clause in found}

    def _by_clause(self, outcomes: Collection[str]) -> Iterator[SummaryLine]:
        for clause, found in self.outcomes_of(outcomes).items():
            cases = {case.case for each in found.values() for case in each}
            (first, *_), *_ = found.values()
            text = _format_outcome(first, len(cases))
            yield SummaryLine(clause or "no clause", text, tuple(found), clause)

    def divergences(self) -> Iterator[SummaryLine]:
        """Yield the known divergences that showed, each with its reason."""
        for name, cells in _cells_by_key(
            (case.divergence, cell)
            for cell, report in self.reports.items()
            for case in report.cases
            if case.outcome == KNOWN
        ):
            known = DIVERGENCES.get(name)
            clause = known.clause if known else ""
            yield SummaryLine(name, f"{clause}: {known.reason}" if known else "", cells, clause)

    @property
    def allows_fixed(self) -> bool:
        """Return whether a fixed divergence fails no cell."""
        return all(report.allow_fixed for report in self.reports.values())

    def fixed(self) -> Iterator[SummaryLine]:
        """Yield the known divergences of which a case passed, each with what to do."""
        for (name, step), cells in _cells_by_key(
            ((name, step), cell)
            for cell, report in self.reports.items()
            for name, step in report.fixed.items()
        ):
            known = DIVERGENCES.get(name)
            yield SummaryLine(name, f"fixed: {step}", cells, known.clause if known else "")

    def stale(self) -> Iterator[SummaryLine]:
        """Yield the known divergences that no case showed where they are known."""
        for name, cells in _cells_by_key(
            (name, cell) for cell, report in self.reports.items() for name in report.stale
        ):
            yield SummaryLine(
                name,
                "no case showed it, and none that it names passed; its record may be wrong",
                cells,
            )

    def notes(self) -> Iterator[str]:
        """Yield a sentence for each missing or incomplete report."""
        for name in self.without_report:
            yield f"NO REPORT for {name}: the cell was planned but produced no report."
        for name in self.incomplete:
            report = self.reports[name]
            done = len({case.case for case in report.cases})
            yield f"INCOMPLETE {name}: {done} of {report.planned} planned cases have a result."
        yield from self.remarks()

    def remarks(self) -> Iterator[str]:
        """Yield a sentence for each reason why cells judged less or did not run, and each doubt."""
        for why, cells in _cells_by_key((why, cell) for cell, why in self.partial.items()):
            yield f"PARTIAL {', '.join(cells)}: {why}."
        for why, cells in _cells_by_key((why, cell) for cell, why in self.missing.items()):
            yield f"Not run, {why.rstrip('.')}: {', '.join(cells)}."
        yield from doubts(self.reports)


def _format_outcome(case: Outcome, number: int) -> str:
    first = case.message.strip().splitlines()[:1] or [case.outcome]
    more = f" (and {number - 1} more)" if number > 1 else ""
    return f"{case.outcome} of {case.case}{more}: {first[0]}"


def _cells_by_key(pairs: Iterable[tuple[_Key, str]]) -> Iterator[tuple[_Key, tuple[str, ...]]]:
    found: dict[_Key, dict[str, None]] = {}
    for key, cell in pairs:
        found.setdefault(key, {})[cell] = None
    for key, cells in found.items():
        yield key, tuple(cells)
