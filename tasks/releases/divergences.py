"""Divergences that went away with a release, and failures that came with it."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.report.model import FAILED, FIXED, KNOWN, Outcome, Report
from conformance.spec import CLAUSES, DIVERGENCES


@dataclass(frozen=True)
class Failure:
    """A clause that fails: how many cases, the first of them, and its message.

    ``recorded`` is the known divergence that failed otherwise than recorded, or ``""``.
    """

    clause: str
    severity: str
    cases: int
    case: str
    message: str
    recorded: str = ""


@dataclass(frozen=True)
class Changes:
    """The known divergences that did not show, those that showed only in part, and failures."""

    recorded: int
    gone: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    came: tuple[Failure, ...] = ()


def changes(report: Report) -> Changes:
    """Compare a report with the records, which are those of the newest cell of the table.

    A run of the table's cells shows each record exactly; so what differs here is the release's.
    """
    judged = {*report.judged} - {*report.not_applicable}
    recorded = [
        entry
        for entry in DIVERGENCES.values()
        if entry.clause in judged and entry.in_cell(report.cell)
    ]
    shown = {case.divergence for case in report.cases if case.outcome == KNOWN}
    failed: dict[str, list[Outcome]] = {}
    passed, otherwise = [], []
    for case in report.cases:
        if case.outcome == FIXED:
            passed.append(case.case)
        elif case.outcome in FAILED:
            otherwise.append(case.case)
            failed.setdefault(case.clause, []).append(case)
    # A case that fails otherwise than recorded does not show that anything is fixed.
    missing = [
        entry
        for entry in recorded
        if (entry.id in report.stale or any(map(entry.covers, passed)))
        and not any(map(entry.covers, otherwise))
    ]
    return Changes(
        len(recorded),
        tuple(entry.id for entry in missing if entry.id not in shown),
        tuple(entry.id for entry in missing if entry.id in shown),
        tuple(
            Failure(
                clause,
                CLAUSES[clause].severity if clause in CLAUSES else "",
                len(cases),
                cases[0].case,
                next(iter(cases[0].message.strip().splitlines()), cases[0].outcome),
                next((one.id for one in recorded if one.covers(cases[0].case)), ""),
            )
            for clause, cases in failed.items()
        ),
    )
