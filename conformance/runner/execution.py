"""The hooks around the cases: each runs in a child process."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future

import pytest

from conformance.runner.loop import Call, Judge, run_items
from conformance.runner.marks import clause_of
from conformance.runner.run import Run
from conformance.runner.second_child import SecondChild, last_cases
from conformance.subjects import SUBJECT


class Execution:
    """Part of the plugin: run each case in a child, in the place of pytest's own call."""

    def __init__(self, run: Run, judge: Judge) -> None:
        self.run = run
        self.judge = judge
        self.following: deque[pytest.Item] = deque()
        """The next items, as far as they are known."""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Start what runs beside the cases."""
        if not self.run.results:
            return
        if not self.run.distributes and not self.run.is_worker:
            self.run.runner.jobs.start(session.items)
            self.run.second = self._start_second_child(session.items)
        self.following.extend(item for item in session.items if item not in self.elsewhere)

    def _start_second_child(self, items: Sequence[pytest.Item]) -> SecondChild | None:
        """Give the last of many cases to a second child, where there is a second processor."""
        one = self.run.config.getoption("--one-child")
        # The author of another subject may not expect two of it at once.
        if one or self.run.spec != SUBJECT or os.cpu_count() == 1:
            return None
        cases = last_cases(items)
        return SecondChild(self.run.spec, cases) if cases else None

    @property
    def elsewhere(self) -> Mapping[pytest.Item, Future[Call]]:
        """The cases that the second child runs."""
        return self.run.second.calls if self.run.second else {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        if self.run.is_worker or self.run.distributes or session.config.option.collectonly:
            return None
        if session.testsfailed and not session.config.option.continue_on_collection_errors:
            return None  # pytest's own loop reports the errors of the collection
        run_items(session, self.run_case, self.judge, self.elsewhere)
        return True

    def run_case(self, case: pytest.Function) -> None:
        """Run a case in the child; raise ``Failed`` if it fails."""
        self._advance(case)
        self.run.runner.run(case, self.following)

    def _advance(self, item: pytest.Item) -> None:
        """Remove an item that runs now from those that follow."""
        if self.following and self.following[0] is item:
            self.following.popleft()

    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        if self.run.is_worker:  # an xdist worker knows only its next item
            self.following = deque([nextitem] if nextitem else [])
        else:
            self._advance(item)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        if clause_of(pyfuncitem) is None:
            return None
        self.run_case(pyfuncitem)
        return True
