"""The jobs of a run: they start before its first case, and the child gets their results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from conformance.processes.jobs import Job, RunningJob
from conformance.processes.scenarios import ScenarioResult


def job_of(item: pytest.Item) -> Job | None:
    """Return the job that the module of an item names."""
    module: Any = getattr(item, "module", None)
    job: Job | None = getattr(module, "JOB", None)
    return job


class Jobs:
    """The jobs of one run."""

    def __init__(self, spec: str) -> None:
        """``spec`` names the subject of the jobs."""
        self._env = {"CONFORMANCE_SUBJECT": spec}
        self._running: dict[Job, RunningJob] = {}
        self._results: dict[Job, ScenarioResult] = {}

    def start(self, items: Iterable[pytest.Item]) -> None:
        """Start the jobs of all items, at once."""
        for job in dict.fromkeys(filter(None, map(job_of, items))):
            self._running[job] = RunningJob(job, self._env)

    def __contains__(self, job: object) -> bool:
        return job in self._running

    def result(self, job: Job) -> ScenarioResult:
        """Wait for the result of a job that was started."""
        if job not in self._results:
            self._results[job] = self._running[job].result()
        return self._results[job]

    def close(self) -> None:
        """End the jobs that are still running."""
        for running in self._running.values():
            running.close()
