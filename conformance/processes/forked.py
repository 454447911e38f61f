"""A child process that is a fork of this one: it starts at once, with all imported modules."""

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
"""Seconds between two checks whether the process has ended."""


class Forked(Child):
    """A ``Child`` that is forked from this process when it starts.

    It inherits the state of this process, which must have no threads that the child needs.
    Processes that the child spawns do not run the main module of this process.
    """

    def __init__(self, after_fork: Callable[[], None]) -> None:
        """``after_fork`` is called in the child: it closes what belongs to the parent."""
        super().__init__()
        self._after_fork = after_fork

    def _launch(self, requests: int, replies: int, parent_death_pipe: int) -> _Process:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # libraries have threads
            pid = os.fork()
        if not pid:
            self._run_worker(requests, replies, parent_death_pipe)
        return _Process(pid)

    def _run_worker(self, requests: int, replies: int, parent_death_pipe: int) -> NoReturn:
        """Run the child's side of the fork; never return to the parent's code."""
        try:
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            for stream in (1, 2):
                os.dup2(self._stderr.fileno(), stream)
            sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
            for descriptor in (self._requests, self._replies, self._parent_death_pipe):
                os.close(descriptor)  # the parent's ends
            self._after_fork()
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
        assert self._code is not None, "the process is still running"
        return self._code

    def poll(self) -> int | None:
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        expires = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None:
            if expires is not None and time.monotonic() > expires:
                raise subprocess.TimeoutExpired("a fork", timeout or 0)
            time.sleep(_POLL_INTERVAL)
        return self.returncode
