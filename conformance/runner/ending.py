"""The end of a run, as the plugin prints it: clauses, what is incomplete, stale or a warning."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from conformance.report.groups import FEW, group, lines
from conformance.report.model import PARTIAL, WARNING, Report
from conformance.report.sentences import format_clauses

_WIDTH = 300
"""The number of characters of a line about one case."""


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


def show_unjudged(unjudged: Sequence[str], terminal: pytest.TerminalReporter) -> None:
    """Print the clauses for which a whole run of the suite has no case."""
    if unjudged:
        terminal.line(
            f"WITHOUT A CASE: {format_clauses(unjudged)}. Something keeps pytest from "
            "collecting cases: a configuration file or a plugin of yours?",
            red=True,
        )


def show_program(report: Report, unended: str, terminal: pytest.TerminalReporter) -> None:
    """Print that nothing of a program was judged, and how it did otherwise than to end."""
    if not report.planned:
        why = "no case applies to the operations that the program offers"
        if report.profile == "engine-api":
            why = "a program has no API of the engine, and the profile wire judges it"
        terminal.line(f"NOTHING WAS JUDGED: {why}.", red=True)
    if unended:
        terminal.line(f"PROTOCOL: {unended}", yellow=True)


class Failures:
    """Part of the plugin: the failed cases, which pytest's own list of failures leaves to it."""

    def __init__(self) -> None:
        self.reports: list[pytest.TestReport] = []
        """What pytest knows of each failed case, in the order in which they ran."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> Generator[None, None, None]:
        """Hide the cases that failed while pytest prints its summary; then list them."""
        failed = terminalreporter.stats.get("failed", [])
        self.reports = [one for one in failed if "conformance" in dict(one.user_properties)]
        if not self.reports:
            return (yield)
        terminalreporter.stats["failed"] = [one for one in failed if one not in self.reports]
        try:
            return (yield)
        finally:
            if not terminalreporter.no_summary:
                self._list(terminalreporter)
            terminalreporter.stats["failed"] = failed

    def show(self, report: Report, terminal: pytest.TerminalReporter) -> None:
        """Print few failures in full, those of one cause once; ``show_groups`` prints many."""
        option = terminal.config.option
        if not self.reports or option.tbstyle == "no" or terminal.no_summary:
            return
        if _are_many(len(self.reports), terminal):
            return
        by_case = {_outcome(one)["case"]: one for one in self.reports}
        groups = group(filter(report.fails, report.cases), report.evidence)
        if is_verbose(terminal.config):
            groups = [replace(one, cases=[case]) for one in groups for case in one.cases]
        terminal.section("FAILURES")
        for one in groups:
            cases = [case for case in one.cases if case.case in by_case]
            if not cases:  # a worker that died is pytest's
                continue
            first, *others = cases
            terminal.write_sep("_", first.case, red=True, bold=True)
            _show_report(by_case[first.case], terminal)
            if others:
                terminal.write_line(f"and {len(others)} more of this cause; -v prints each in full")
            for case in others:
                terminal.write_line(f"  {case.case} - {_first_line(case.message)}")

    def _list(self, terminal: pytest.TerminalReporter) -> None:
        """Print a line for each failed case: its id, its clause and its message."""
        if not terminal.hasopt("f") or _are_many(len(self.reports), terminal):
            return
        terminal.section("short test summary info")
        for one in self.reports:
            outcome = _outcome(one)
            terminal.write("FAILED", red=True)
            message = _first_line(outcome["message"])
            terminal.write_line(f" {outcome['case']} - {outcome['clause']}: {message}")


def show_groups(report: Report, terminal: pytest.TerminalReporter) -> None:
    """Print many failures by their cause, on one screen; print nothing if they are few."""
    failures = list(filter(report.fails, report.cases))
    number = len(failures)
    if not _are_many(number, terminal):
        return
    groups = group(failures, report.evidence)
    causes = f"{len(groups)} cause{'' if len(groups) == 1 else 's'}"
    terminal.section(f"{number} failures, {causes}, the most basic first")
    height = shutil.get_terminal_size((120, 48)).lines
    for line in lines(groups, report.commands, height - 8):
        terminal.line(line)
    terminal.line("-v prints each failure in full; --conformance-report FILE writes them all")


def is_verbose(config: pytest.Config) -> bool:
    """Return whether the command line asks for all of each failure."""
    return config.get_verbosity() > 0 or bool(config.getoption("fulltrace"))


def _are_many(number: int, terminal: pytest.TerminalReporter) -> bool:
    return number > FEW and not is_verbose(terminal.config)


def _outcome(report: pytest.TestReport) -> Mapping[str, str]:
    properties: dict[str, Any] = dict(report.user_properties)
    found: Mapping[str, str] = properties["conformance"]
    return found


def _show_report(report: pytest.TestReport, terminal: pytest.TerminalReporter) -> None:
    """Print the text of a failure, and what the case wrote, unless an option hides it."""
    terminal.write_line(str(report.longrepr).rstrip())
    captured = terminal.config.option.showcapture
    for title, text in report.sections:
        if captured == "all" or (captured != "no" and captured in title):
            terminal.write_sep("-", title)
            terminal.write_line(text.removesuffix("\n"))


def _first_line(text: str) -> str:
    """Return the first line of a text, and of a long one how it begins."""
    line = next(iter(text.splitlines()), "")
    return line if len(line) <= _WIDTH else f"{line[:_WIDTH]}... ({len(line)} characters)"
