"""A run within a run: it and all that it started end with the process that started it.

Imports nothing but the standard library, so that ``noxfile.py`` can load it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from conformance.processes import tree
from conformance.util.file_lock import await_release

LOCK = "CONFORMANCE_LOCK"
"""The variable that names the outermost run's lock to nested runs and their processes."""

GRACE_SECONDS = 5.0
"""Seconds that an interrupted run has to end what it started."""


def run(
    command: Sequence[str],
    lock: Path,
    *,
    stdout: IO[str] | None = None,
    env: Mapping[str, str] = os.environ,
) -> int:
    """Run ``command`` while this process holds ``lock``, and returns its exit code.

    Nothing that it started is left when this returns or raises. A process in it
    that calls ``die_with_parent_run`` ends even where this one is killed.
    """
    tree.become_subreaper()
    process = subprocess.Popen(
        command,
        stdout=stdout,
        stderr=stdout and subprocess.STDOUT,
        env={**env, LOCK: str(lock)},
        start_new_session=True,  # an interrupt reaches it once, and from here
    )
    try:
        return process.wait()
    finally:
        try:
            if process.returncode is None:
                process.send_signal(signal.SIGINT)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(GRACE_SECONDS)
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            tree.kill_leftovers()


def is_nested() -> bool:
    """Return whether this process is part of another one's run."""
    return LOCK in os.environ


def die_with_parent_run() -> None:
    """Kill this process group when the outermost run exits, even if that run was killed.

    Until it has ended itself, nobody else can hold the lock.
    """

    def end() -> None:
        await_release(Path(os.environ[LOCK]))
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=end, daemon=True).start()
