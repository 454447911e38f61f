"""The pytest plugin: options, cases in a child process, divergences, the report.

A case is a test function with the marker ``clause``. It runs in a child process, so that a
crash or a hang fails this case alone.
"""

from __future__ import annotations

import gc
import os
import sys
from collections import deque
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from conformance import __version__
from conformance.golden.store import digest
from conformance.report.model import Outcome, Report
from conformance.runner import progress_hooks
from conformance.runner.ending import (
    Failures,
    is_verbose,
    show,
    show_groups,
    show_program,
    show_unjudged,
)
from conformance.runner.isolation import CASE_TIMEOUT, Failed, IsolatedRunner
from conformance.runner.loop import Call, run_items
from conformance.runner.marks import clause_of
from conformance.runner.opening import open_subject
from conformance.runner.options import add_options, check_options, collects_suite, selects_all
from conformance.runner.outcomes import ResultCollector, case_id
from conformance.runner.report_file import prepare, write
from conformance.runner.reproduction import Reproduction
from conformance.runner.second_child import SecondChild, last_cases
from conformance.runner.selection import can_skip, cases_of, check_markers, find_unjudged, turn
from conformance.spec import DIVERGENCES, Divergence
from conformance.subjects import SUBJECT, external
from conformance.util.exit_codes import ExitCode

EVIDENCE = 8_000
"""The number of characters that a report keeps of what was expected, and of what was seen."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers and start a run."""
    config.addinivalue_line("markers", "clause(id): the clause that the case shows")
    config.addinivalue_line("markers", "needs(capability): a capability that the subject must have")
    config.addinivalue_line("markers", "since(version): the first engine on which the case applies")
    config.addinivalue_line("markers", "not_applicable(reason): the case cannot run here")
    config.addinivalue_line("markers", "deadly: the case may kill its process; it runs last")
    config.addinivalue_line("markers", f"deadline(seconds): timeout (default: {CASE_TIMEOUT:g})")
    config.addinivalue_line("markers", "cpu_deadline(seconds): timeout in time of the processor")
    spec, known = check_options(config)
    prepare(config)
    progress_hooks.register(config)
    plugin = Plugin(config, spec, known)
    config.pluginmanager.register(plugin, "conformance-run")
    config.pluginmanager.register(plugin.failures, "conformance-failures")
    # Workers cannot end the run: do not start them for a subject that cannot be judged.
    if plugin.distributes and not config.option.collectonly:
        plugin.open()


@pytest.fixture(scope="session")
def subject() -> None:
    """Stand in for the subject, which the case gets in the child process."""


class Plugin:
    """One run of the suite in one pytest process."""

    def __init__(
        self, config: pytest.Config, spec: str, known: Mapping[str, Divergence] | None
    ) -> None:
        self.config = config
        self.spec = spec
        self.known = known
        self.runner = IsolatedRunner(spec, of_suite=collects_suite(config))
        self.second: SecondChild | None = None
        self.reproduction = Reproduction(config, spec)
        self.results: ResultCollector | None = None
        self.failures = Failures()
        self.unwritten = ""
        """Why the report could not be written."""
        self.unended = ""
        """What a program did otherwise than to end with its stdin."""
        self.partial = False
        self.deselecting = False
        """True while this plugin itself deselects cases that are not applicable."""
        self.following: deque[pytest.Item] = deque()
        """The next items, as far as they are known."""
        self.is_worker = hasattr(config, "workerinput")
        self.distributes = getattr(config.option, "dist", "no") != "no" and not self.is_worker
        if not config.option.collectonly:
            self.runner.start()

    # Before the cases

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, Any, Any]:
        """Collect garbage afterwards only: nearly all that a collection makes stays."""
        gc.disable()
        try:
            return (yield)
        finally:
            gc.freeze()
            gc.enable()

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out the files of other chapters; pytest asks only for files that it finds."""
        return can_skip(collection_path, self.config.getoption("--chapter")) or None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        cases = cases_of(items)
        check_markers(cases)
        if not self.config.option.collectonly:
            of_program = self.spec == external.SPEC
            if dropped := find_unjudged(cases, self.open(), of_program=of_program):
                items[:] = [item for item in items if item not in dropped]
                self.deselecting = True
                self.config.hook.pytest_deselected(items=list(dropped))
                self.deselecting = False
        items.sort(key=turn)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        if self.results:
            cases = {item.nodeid: clause for item, clause in cases_of(session.items).items()}
            self.results.expect(cases)
            if not self.distributes and not self.is_worker:
                self.runner.jobs.start(session.items)
                self.second = self.start_second_child(session.items)
            self.following.extend(item for item in session.items if item not in self.elsewhere)
            if self.is_worker:
                report = self.results.report
                output = (
                    *(cases, report.not_applicable),
                    *(self.results.not_applicable_cases, report.whole),
                )
                self.config.workeroutput["conformance"] = output  # type: ignore[attr-defined]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        if self.results:
            output = getattr(node, "workeroutput", {}).get("conformance", ({}, (), (), True))
            cases, clauses, not_applicable, whole = output
            self.results.expect(cases)
            self.results.mark_not_applicable(clauses, not_applicable)
            if not whole:
                self.mark_partial()

    def start_second_child(self, items: Sequence[pytest.Item]) -> SecondChild | None:
        """Give the last of many cases to a second child, where there is a second processor."""
        # The author of another subject may not expect two of it at once.
        if self.config.getoption("--one-child") or self.spec != SUBJECT or os.cpu_count() == 1:
            return None
        cases = last_cases(items)
        return SecondChild(self.spec, cases) if cases else None

    @property
    def elsewhere(self) -> Mapping[pytest.Item, Future[Call]]:
        """The cases that the second child runs."""
        return self.second.calls if self.second else {}

    def open(self) -> ResultCollector:
        """Create the subject; end the run if it cannot be judged or is not the required one."""
        if self.results:
            return self.results
        opened = open_subject(self.config, self.spec, self.runner)
        known = self.known
        if known is None:
            known = DIVERGENCES if opened.name == "datafusion" else {}
        chapters = tuple(dict.fromkeys(self.config.getoption("--chapter")))
        report = Report(
            *(__version__, opened.name, opened.cell),
            whole=self.is_full_run(),
            planned=0,
            chapters=chapters,
            profile=self.config.getoption("--profile"),
            goldens=digest(),
            allow_fixed=self.config.getoption("--allow-fixed"),
        )
        strict = self.config.getoption("--conformance-strict")
        self.results = ResultCollector(
            *(report, opened.engine, opened.capabilities, known),
            *(self.reproduction.command, self.reproduction.snippet, self.reproduction.request),
            strict=strict,
            full=is_verbose(self.config),
        )
        return self.results

    def is_full_run(self) -> bool:
        """Return whether all cases of the suite run."""
        return not self.partial and selects_all(self.config)

    def unjudged(self, report: Report) -> Sequence[str]:
        """Return the clauses without a case, if this is a whole run of the suite."""
        return report.unjudged if collects_suite(self.config) else ()

    def mark_partial(self) -> None:
        """Record that not all cases of the suite will run."""
        self.partial = True
        if self.results:
            self.results.report.whole = False

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        if not self.deselecting and any(clause_of(item) is not None for item in items):
            self.mark_partial()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.mark_partial()

    # The cases

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        if self.is_worker or self.distributes or session.config.option.collectonly:
            return None
        if session.testsfailed and not session.config.option.continue_on_collection_errors:
            return None  # pytest's own loop reports the errors of the collection
        run_items(session, self.run_case, self.judge, self.elsewhere)
        return True

    def run_case(self, case: pytest.Function) -> None:
        """Run a case in the child; raise ``Failed`` if it fails."""
        self._advance(case)
        self.runner.run(case, self.following)

    def _advance(self, item: pytest.Item) -> None:
        """Remove an item that runs now from those that follow."""
        if self.following and self.following[0] is item:
            self.following.popleft()

    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        if self.is_worker:  # an xdist worker knows only its next item
            self.following = deque([nextitem] if nextitem else [])
        else:
            self._advance(item)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        if clause_of(pyfuncitem) is None:
            return None
        self.run_case(pyfuncitem)
        return True

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
        if not self.results or (clause := clause_of(item)) is None:
            return
        outcome = self.results.judge(item, clause, report, error)
        report.user_properties.append(("conformance", vars(outcome)))
        if isinstance(error, Failed) and error.output:
            report.sections.append(("Captured output call", error.output))
        if self.results.report.fails(outcome):
            report.user_properties.append(("reproduce", self.reproduction.command(item)))
            if isinstance(error, Failed):
                parts = {"expected": error.failure.expected, "seen": error.failure.seen}
                shown = {name: text[:EVIDENCE] for name, text in parts.items()}
                report.user_properties.append(("evidence", shown))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.is_worker or not self.results:
            return
        found: dict[str, Any] = dict(report.user_properties)
        if "conformance" in found:
            outcome = Outcome(**found["conformance"])
            self.results.report.cases.append(outcome)
            if "reproduce" in found:
                self.results.report.commands[outcome.case] = found["reproduce"]
            if "evidence" in found:
                self.results.report.evidence[outcome.case] = found["evidence"]
        elif report.when not in ("setup", "call", "teardown"):  # an xdist worker that died
            self.results.report.cases.append(
                Outcome(case_id(report.nodeid), "", "crash", str(report.longrepr), "", "crash")
            )

    # After the cases

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self.is_worker:
            self.unended = self.runner.end_program()
        self.close()
        if self.is_worker or not self.results:
            return
        report = self.results.close()
        if session.exitstatus == pytest.ExitCode.OK:
            if report.stale or report.missing_outcomes or self.unjudged(report):
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
            elif report.narrowed:
                session.exitstatus = ExitCode.PARTIAL
        self.unwritten = write(self.config, report)
        if self.unwritten:  # not as an error now: the terminal has the results still to print
            session.exitstatus = ExitCode.USAGE

    def pytest_unconfigure(self) -> None:
        self.close()
        if self.unwritten:
            print(self.unwritten, file=sys.stderr)

    def close(self) -> None:
        """End all child processes."""
        if self.second:
            self.second.close()
        self.runner.close()
        self.reproduction.close()

    def pytest_report_header(self) -> str:
        return f"conformance: dfpy-conformance {__version__}, subject {self.spec}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.results:
            self.failures.show(self.results.report, terminalreporter)
            show(self.results.report, terminalreporter)
            show_unjudged(self.unjudged(self.results.report), terminalreporter)
            show_groups(self.results.report, terminalreporter)
            if self.spec == external.SPEC:
                show_program(self.results.report, self.unended, terminalreporter)
