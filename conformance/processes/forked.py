"""A child that is a fork of this process: up at once, with all that this one has imported."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import NoReturn

from conformance.processes import worker
from conformance.processes.child import Child

_POLL_INTERVAL = 0.01
"""Seconds between two looks at whether the process has ended."""


class Forked(Child):
    """A ``Child`` that is forked from this process when it starts.

    This process must have no threads that matter. What it has done by then is
    done in the child, too. What the child starts does not run this one's main module.
    """

    def __init__(self, first: Callable[[], None]) -> None:
        """``first`` is called in the child: it lets go of what is its parent's alone."""
        super().__init__()
        self._first = first

    def _launch(self, requests: int, replies: int, parent_death_pipe: int) -> _Process:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # libraries have threads
            pid = os.fork()
        if not pid:
            self._work(requests, replies, parent_death_pipe)
        return _Process(pid)

    def _work(self, requests: int, replies: int, parent_death_pipe: int) -> NoReturn:
        """Run the fork's side; it never returns to what the parent was doing."""
        try:
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            for stream in (1, 2):
                os.dup2(self._stderr.fileno(), stream)
            sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
            for descriptor in (self._requests, self._replies, self._parent_death_pipe):
                os.close(descriptor)  # the parent's ends
            self._first()
            os.environ.update(self._env)
            sys.modules["__main__"] = worker
            worker.main(requests, replies, parent_death_pipe)
        finally:
            os._exit(0)


class _Process:
    """A fork with the interface of ``subprocess.Popen``."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    @property
    def returncode(self) -> int:
        assert self._code is not None, "it runs"
        return self._code

    def poll(self) -> int | None:
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        ends = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if ends is not None and time.monotonic() > ends:
                raise subprocess.TimeoutExpired("a fork", timeout or 0)
            time.sleep(_POLL_INTERVAL)
        return self.returncode
