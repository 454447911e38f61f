"""Jobs that run in processes of their own, beside the cases: most of their time is waiting.

A test module names its job in ``JOB``. A run of the suite starts the jobs of all of its modules
when its first case starts, and hands each result to the process that runs the cases.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.processes.child import Child, ChildError, failure_kind
from conformance.processes.scenarios import ScenarioResult


@dataclass(frozen=True)
class Job:
    """A function (``module:function``) with its arguments, for a new process.

    The process has ``deadline`` seconds from the moment at which the result is asked for.
    ``preload`` names the modules that it imports when it starts.
    """

    target: str
    arguments: tuple[Any, ...]
    deadline: float
    preload: tuple[str, ...] = ()


class RunningJob:
    """A job in its process."""

    def __init__(self, job: Job, env: Mapping[str, str]) -> None:
        """Start the job; ``env`` are its variables beside those of this process."""
        path = os.pathsep.join(filter(None, sys.path))
        fixed = {"PYTHONPATH": path, "PYTHONHASHSEED": "0"}
        self._job = job
        self._child = Child(env={**os.environ, **fixed, **env}, preload=job.preload)
        self._request = self._child.submit(job.target, *job.arguments)

    def result(self) -> ScenarioResult:
        """Wait for the result, and end the process."""
        try:
            return outcome(lambda: self._child.result(self._request, deadline=self._job.deadline))
        finally:
            self._child.close()

    def close(self) -> None:
        """End the process with all that it started."""
        self._child.close()


def outcome(call: Callable[[], Any]) -> ScenarioResult:
    """Return the result of a call in a child, or its failure."""
    try:
        return ScenarioResult(call())
    except ChildError as error:
        kind = failure_kind(error)
        return ScenarioResult(kind=kind, failure=str(error), output=error.stacks)


_results: dict[Job, ScenarioResult] = {}
"""The results that this process was given, or asked for itself."""


def deliver(job: Job, result: ScenarioResult) -> None:
    """Give the result of a job to this process."""
    _results[job] = result


def result_of(job: Job) -> ScenarioResult:
    """Return the result that this process was given; run the job now if it has none."""
    if job not in _results:
        deliver(job, RunningJob(job, {}).result())
    return _results[job]
