"""The end of a run, as the plugin prints it: clauses, what is incomplete, stale or a warning."""

from __future__ import annotations

import shutil
from collections.abc import Generator

import pytest

from conformance.report.groups import FEW, group, lines
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
    for name, step in report.fixed.items():
        color = {"green" if report.allow_fixed else "red": True}
        terminal.line(f"FIXED known divergence {name}: {step}", **color)
    for name in report.stale:
        terminal.line(
            f"STALE known divergence {name}: no case showed it, and none that it names passed. "
            "Check its `cases`.",
            red=True,
        )


def show_groups(report: Report, terminal: pytest.TerminalReporter) -> None:
    """Print many failures by their cause, on one screen; print nothing if they are few."""
    failures = list(filter(report.fails, report.cases))
    number = len(failures)
    if not _are_many(number, terminal):
        return
    seen = {case: evidence["seen"] for case, evidence in report.evidence.items()}
    groups = group(failures, seen)
    causes = f"{len(groups)} cause{'' if len(groups) == 1 else 's'}"
    terminal.section(f"{number} failures, {causes}, the most basic first")
    height = shutil.get_terminal_size((120, 48)).lines
    for line in lines(groups, report.commands, height - 8):
        terminal.line(line)
    terminal.line("-v prints each failure in full; --conformance-report FILE writes them all")


class HiddenFailures:
    """Part of the plugin: where failures are many, pytest's own list of them is left out."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> Generator[None, None, None]:
        """Hide the cases that failed while pytest prints its summary."""
        failed = terminalreporter.stats.get("failed", [])
        others = [report for report in failed if "conformance" not in dict(report.user_properties)]
        if not _are_many(len(failed) - len(others), terminalreporter):
            return (yield)
        terminalreporter.stats["failed"] = others
        try:
            return (yield)
        finally:
            terminalreporter.stats["failed"] = failed


def _are_many(number: int, terminal: pytest.TerminalReporter) -> bool:
    return number > FEW and terminal.config.get_verbosity() <= 0
