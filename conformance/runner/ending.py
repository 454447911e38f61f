"""The end of a run, as the plugin prints it: clauses, what is incomplete, stale or a warning."""

from __future__ import annotations

import pytest

from conformance.report.model import PARTIAL, WARNING, Report


def show(report: Report, terminal: pytest.TerminalReporter) -> None:
    """Print the summary of a report."""
    counts: dict[str, int] = {}
    for verdict in report.verdicts():
        counts[verdict.verdict] = counts.get(verdict.verdict, 0) + 1
    terminal.section("conformance")
    cell = ", ".join(f"{name} {version}" for name, version in report.cell.items())
    terminal.line(f"{report.subject}: {cell}")
    terminal.line("clauses: " + ", ".join(f"{number} {name}" for name, number in counts.items()))
    if report.missing_outcomes:
        terminal.line(
            f"INCOMPLETE: {report.missing_outcomes} of {report.planned} planned cases "
            "have no outcome",
            red=True,
        )
    elif not report.failed and (why := report.narrowed):
        terminal.line(f"{PARTIAL}: {why}", yellow=True)
    for outcome in {c.clause: c for c in report.cases if c.outcome == WARNING}.values():
        terminal.line(f"SHOULD {outcome.clause}: {outcome.message}", yellow=True)
    for name in report.stale:
        terminal.line(
            f"STALE known divergence {name}: no case showed it. "
            "If the engine fixed it, narrow its `engines`; otherwise check its `cases`.",
            red=True,
        )
