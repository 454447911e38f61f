"""Shared by all tests: pytester, helpers that watch processes, hypothesis without a deadline."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

# The first example pays for lazy imports, and continuous integration is slow at times.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

ROOT = Path(__file__).parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers of the cases, which tests import; take notice of interrupts.

    A shell starts what it runs in the background with interrupts ignored, and the processes that
    tests start and interrupt would inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "clause(id): the clause of the spec that the case shows")
    config.addinivalue_line("markers", "since(version): the first engine that can show it")
    config.addinivalue_line("markers", "needs(capability): a capability that the subject must have")


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of workers of ``-n auto``: one waits while the others work."""
    return (os.cpu_count() or 1) + 1


def alive(pid: int) -> bool:
    """Return whether the process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return not Path("/proc/self").exists()
    return state != "Z"


def gone(pid: int, within: float = 5.0) -> bool:
    """Return whether the process ends in time."""
    ends = time.monotonic() + within
    while alive(pid):
        if time.monotonic() > ends:
            return False
        time.sleep(0.01)
    return True


def pid_in(path: Path, within: float = 20.0) -> int:
    """Return the process id that another process writes into ``path``."""
    ends = time.monotonic() + within
    while not path.exists() or not path.read_text():
        assert time.monotonic() < ends, f"nobody wrote {path}"
        time.sleep(0.01)
    return int(path.read_text())
