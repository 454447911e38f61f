"""One run of the suite: what it judges, what runs its cases, what it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from conformance import __version__
from conformance.golden.store import digest
from conformance.report.model import Report
from conformance.runner.ending import is_verbose
from conformance.runner.isolation import IsolatedRunner
from conformance.runner.opening import open_subject
from conformance.runner.options import collects_suite, selects_all
from conformance.runner.outcomes import ResultCollector
from conformance.runner.reproduction import Reproduction
from conformance.runner.second_child import SecondChild
from conformance.spec import DIVERGENCES, Divergence
from conformance.subjects import external


class Run:
    """One run of the suite in one pytest process. Its hooks share it."""

    def __init__(
        self, config: pytest.Config, spec: str, known: Mapping[str, Divergence] | None
    ) -> None:
        self.config = config
        self.spec = spec
        self.of_program = spec == external.SPEC
        self.known = known
        self.runner = IsolatedRunner(spec, of_suite=collects_suite(config))
        self.second: SecondChild | None = None
        self.reproduction = Reproduction(config, spec)
        self.results: ResultCollector | None = None
        """None until the subject is open."""
        self.partial = False
        self.is_worker = hasattr(config, "workerinput")
        self.distributes = getattr(config.option, "dist", "no") != "no" and not self.is_worker

    def open(self) -> ResultCollector:
        """Create the subject; end the run if it cannot be judged or is not the required one."""
        if self.results:
            return self.results
        opened = open_subject(self.config, self.spec, self.runner)
        known = self.known
        if known is None:
            known = DIVERGENCES if opened.is_engine else {}
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

    def close(self) -> None:
        """End all child processes."""
        if self.second:
            self.second.close()
        self.runner.close()
        self.reproduction.close()
