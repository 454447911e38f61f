"""The problems of a run: what fails it, where, and what a person does next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.report.groups import OF_ERRORS
from conformance.report.model import FAILED, Outcome
from conformance.report.sentences import format_clauses
from conformance.report.summary import Summary, SummaryLine
from conformance.spec import CLAUSES

Commands = Mapping[str, Mapping[str, str]]
"""The commands that run failed cases again: by cell, then by case."""


@dataclass(frozen=True)
class Problem:
    """Failures that are alike, as one entry.

    ``command`` runs one of the failed cases alone, and is empty where none is known; ``advice``
    is the next step of a person. ``by_cell`` is true for what is wrong with a cell, whatever its
    engine.
    """

    title: str
    cells: tuple[str, ...]
    text: str
    clauses: tuple[str, ...] = ()
    command: str = ""
    advice: str = ""
    by_cell: bool = False

    @property
    def line(self) -> SummaryLine:
        """The problem as a line of the summary, which knows where it shows."""
        return SummaryLine(self.title, self.text, self.cells, *self.clauses[:1])


def problems(summary: Summary, commands: Commands) -> Iterator[Problem]:
    """Yield each problem once.

    Clauses of a chapter that fail alike in the same cells are one problem, and those that fail
    with one error are one in all chapters.
    """
    yield from _failures(summary, commands)
    yield from _fixed(summary)
    yield from _stale(summary)
    if summary.without_report:
        yield Problem(
            "NO REPORT",
            summary.without_report,
            "planned, but there is no report",
            advice="the output of nox and the log of the cell, beside the reports, say why",
            by_cell=True,
        )
    for name in summary.incomplete:
        report = summary.reports[name]
        done = report.planned - report.missing_outcomes
        yield Problem(
            "INCOMPLETE",
            (name,),
            f"{done} of {report.planned} planned cases have a result",
            advice="the output of the run says why; nox keeps it in a log beside the report",
            by_cell=True,
        )
    if unjudged := summary.unjudged:
        yield Problem(
            f"{format_clauses(unjudged)} WITHOUT A CASE",
            (),
            "no case judged it in a whole run",
            tuple(unjudged),
            advice="add a case, or say in the clause what it `needs`",
        )


def _failures(summary: Summary, commands: Commands) -> Iterator[Problem]:
    alike: dict[tuple[str, str, str, tuple[str, ...]], list[tuple[str, Sequence[Outcome]]]] = {}
    for clause, found in summary.outcomes_of(FAILED).items():
        outcomes = [outcome for each in found.values() for outcome in each]
        of_error = outcomes[0].kind in OF_ERRORS
        chapter = CLAUSES[clause].chapter if clause and not of_error else ""
        key = (chapter, outcomes[0].kind, _first_line(outcomes[0]), tuple(found))
        alike.setdefault(key, []).append((clause, outcomes))
    for (_, _, message, cells), group in alike.items():
        clauses = tuple(clause for clause, _ in group if clause)
        outcomes = [outcome for _, each in group for outcome in each]
        cases = {outcome.case for outcome in outcomes}
        more = f" (and {len(cases) - 1} more)" if len(cases) > 1 else ""
        yield Problem(
            f"FAIL {format_clauses(clauses) or 'no clause'}",
            cells,
            f"{outcomes[0].outcome} of {outcomes[0].case}{more}: {message}",
            clauses,
            _command(cells, outcomes, commands),
            "the output of the run has the failure; nox keeps it in a log beside the report",
        )


def _fixed(summary: Summary) -> Iterator[Problem]:
    """Yield the divergences that are fixed, where these fail the run."""
    alike: dict[tuple[str, tuple[str, ...]], list[SummaryLine]] = {}
    for line in [] if summary.allows_fixed else summary.fixed():
        alike.setdefault((line.text, line.cells), []).append(line)
    for (text, cells), lines in alike.items():
        yield Problem(
            f"FIXED {', '.join(line.name for line in lines)}",
            cells,
            text,
            tuple(line.clause for line in lines if line.clause),
            advice="edit the records; or let it pass, with --allow-fixed",
        )


def _stale(summary: Summary) -> Iterator[Problem]:
    alike: dict[tuple[str, ...], list[str]] = {}
    for line in summary.stale():
        alike.setdefault(line.cells, []).append(line.name)
    for cells, names in alike.items():
        yield Problem(
            f"STALE {', '.join(names)}",
            cells,
            "no case showed what is recorded as a known divergence, and none that it names passed",
            advice="check its `cases`",
        )


def _command(cells: Sequence[str], outcomes: Sequence[Outcome], commands: Commands) -> str:
    found = (commands.get(cell, {}).get(outcome.case, "") for cell in cells for outcome in outcomes)
    return next(filter(None, found), "")


def _first_line(outcome: Outcome) -> str:
    return next(iter(outcome.message.strip().splitlines()), outcome.outcome)


def verdict(summary: Summary) -> str:
    """Return the verdict on the run as one sentence."""
    engines = {(one.subject, one.cell.get("engine", "")) for one in summary.reports.values()}
    cells = (
        f"{len(engines)} engine{_s(engines)} in {len(summary.reports)} cell{_s(summary.reports)}"
    )
    fixed = list(dict.fromkeys(line.name for line in summary.fixed()))
    what_is_fixed = (
        f"{len(fixed)} known divergence{_s(fixed)} FIXED ({', '.join(fixed)})" if fixed else ""
    )
    if summary.good:
        also = f" {what_is_fixed}." if fixed else ""
        of, only = (f" of {part}", "; no other was judged") if (part := summary.scope) else ("", "")
        return f"PASSED: {cells}; every clause{of} holds or diverges as known{only}.{also}"
    if not summary.reports:
        return "FAILED: there is no report."
    failing = [clause for clause in summary.outcomes_of(FAILED) if clause]
    lost = "" in summary.outcomes_of(FAILED)
    stale = list(summary.stale())
    parts = [
        f"{len(failing)} clause{_s(failing)} FAIL ({format_clauses(failing)})" if failing else "",
        "a process died between the cases" if lost else "",
        "" if summary.allows_fixed else what_is_fixed,
        f"{len(stale)} known divergence{_s(stale)} STALE" if stale else "",
        *(
            f"{len(names)} cell{_s(names)} {what}" if names else ""
            for names, what in (
                (summary.without_report, "WITHOUT REPORT"),
                (summary.incomplete, "INCOMPLETE"),
            )
        ),
        f"{len(summary.unjudged)} clause{_s(summary.unjudged)} WITHOUT A CASE"
        if summary.unjudged
        else "",
    ]
    found = "; ".join(filter(None, parts))
    if found:
        return f"FAILED: {cells}; {found}."
    return f"PARTIAL RUN, NO VERDICT: {cells}; nothing failed, but not every case was selected."


def _s(things: Sequence[object] | set[tuple[str, str]] | Mapping[str, object]) -> str:
    return "" if len(things) == 1 else "s"
