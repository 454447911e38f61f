"""A second child, which runs the last cases while the first runs the others."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from conformance.runner.beside import job_of
from conformance.runner.isolation import IsolatedRunner
from conformance.runner.loop import Call, is_plain, timed

LEAST = 1_000
"""From this number of cases on, they save more than the start of a second child costs."""

SHARE = 0.4
"""Its share of them: less than half, since the last are those that end it, and it starts again."""


def last_cases(items: Sequence[pytest.Item]) -> Sequence[pytest.Function]:
    """Return the cases that a second child should run: none if they are few.

    They need no fixture of pytest's process and no result of a job.
    """
    cases = [item for item in items if is_plain(item) and job_of(item) is None]
    return cases[round(len(cases) * (1 - SHARE)) :] if len(cases) >= LEAST else ()


class SecondChild:
    """A child that runs cases in their order, driven by a thread of its own."""

    def __init__(self, spec: str, cases: Sequence[pytest.Function]) -> None:
        """Start the child and its first case. ``spec`` names the subject."""
        self._runner = IsolatedRunner(spec, of_suite=True)
        self._following: deque[pytest.Item] = deque(cases)
        self._thread = ThreadPoolExecutor(1, "second-child")
        self.calls: Mapping[pytest.Item, Future[Call]] = {
            case: self._thread.submit(timed, self._run, case) for case in cases
        }

    def _run(self, case: pytest.Function) -> None:
        self._following.popleft()
        self._runner.run(case, self._following)

    def close(self) -> None:
        """End the child, with the case that is running; further cases do not start."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        running = [call for call in self.calls.values() if not call.done()]
        while wait(running, timeout=0.1).not_done:
            self._runner.kill()  # also a child that started since
        self._runner.close()
