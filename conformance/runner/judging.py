"""The hooks behind the cases: the outcome of each, the report, what the terminal shows."""

from __future__ import annotations

import sys
from collections.abc import Generator
from typing import Any

import pytest

from conformance import __version__
from conformance.report.model import Outcome
from conformance.runner.ending import Failures, show, show_groups, show_program, show_unjudged
from conformance.runner.isolation import Failed
from conformance.runner.marks import clause_of
from conformance.runner.outcomes import case_id
from conformance.runner.report_file import write
from conformance.runner.run import Run
from conformance.util.exit_codes import ExitCode

EVIDENCE = 8_000
"""The number of characters that a report keeps of what was expected, and of what was seen."""


class Judging:
    """Part of the plugin: judge each case, then the run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.failures = Failures()
        self.unwritten = ""
        """Why the report could not be written."""
        self.unended = ""
        """What a program did otherwise than to end with its stdin."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.when == "call" or report.failed:
            self.judge(item, report, call.excinfo.value if call.excinfo else None)
        return report

    def judge(
        self, item: pytest.Item, report: pytest.TestReport, error: BaseException | None
    ) -> None:
        """Put the outcome of a case into its report. ``error`` is what the case raised."""
        if not self.run.results or (clause := clause_of(item)) is None:
            return
        outcome = self.run.results.judge(item, clause, report, error)
        report.user_properties.append(("conformance", vars(outcome)))
        if isinstance(error, Failed) and error.output:
            report.sections.append(("Captured output call", error.output))
        if self.run.results.report.fails(outcome):
            report.user_properties.append(("reproduce", self.run.reproduction.command(item)))
            if isinstance(error, Failed):
                parts = {"expected": error.failure.expected, "seen": error.failure.seen}
                shown = {name: text[:EVIDENCE] for name, text in parts.items()}
                report.user_properties.append(("evidence", shown))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.run.is_worker or not self.run.results:
            return
        found: dict[str, Any] = dict(report.user_properties)
        if "conformance" in found:
            outcome = Outcome(**found["conformance"])
            self.run.results.report.cases.append(outcome)
            if "reproduce" in found:
                self.run.results.report.commands[outcome.case] = found["reproduce"]
            if "evidence" in found:
                self.run.results.report.evidence[outcome.case] = found["evidence"]
        elif report.when not in ("setup", "call", "teardown"):  # an xdist worker that died
            self.run.results.report.cases.append(
                Outcome(case_id(report.nodeid), "", "crash", str(report.longrepr), "", "crash")
            )

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self.run.is_worker:
            self.unended = self.run.runner.end_program()
        self.run.close()
        if self.run.is_worker or not self.run.results:
            return
        report = self.run.results.close()
        if session.exitstatus == pytest.ExitCode.OK:
            if report.stale or report.missing_outcomes or self.run.unjudged(report):
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            elif report.narrowed:
                session.exitstatus = ExitCode.PARTIAL
        self.unwritten = write(self.run.config, report)
        if self.unwritten:  # not as an error now: the terminal has the results still to print
            session.exitstatus = ExitCode.USAGE

    def pytest_unconfigure(self) -> None:
        self.run.close()
        if self.unwritten:
            print(self.unwritten, file=sys.stderr)

    def pytest_report_header(self) -> str:
        return f"conformance: dfpy-conformance {__version__}, subject {self.run.spec}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.run.results:
            self.failures.show(self.run.results.report, terminalreporter)
            show(self.run.results.report, terminalreporter)
            show_unjudged(self.run.unjudged(self.run.results.report), terminalreporter)
            show_groups(self.run.results.report, terminalreporter)
            if self.run.of_program:
                show_program(self.run.results.report, self.unended, terminalreporter)
