"""Nested runs: a command that ends, with all its processes, when its parent run ends.

``noxfile.py`` loads this module: it may import only what the script block there lists.
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

LOCK_VARIABLE = "CONFORMANCE_LOCK"
"""The environment variable with the path of the outermost run's lock, for nested runs."""

GRACE_SECONDS = 5.0
"""Seconds that an interrupted run has to end its processes."""


def run(
    command: Sequence[str],
    lock: Path,
    *,
    stdout: IO[str] | None = None,
    env: Mapping[str, str] = os.environ,
) -> int:
    """Run ``command`` while this process holds ``lock``; return its exit code.

    On Linux, none of its processes is left when this function returns or raises. Those that call
    ``die_with_parent_run`` also end if this process is killed.
    """
    tree.become_subreaper()
    process = subprocess.Popen(
        command,
        stdout=stdout,
        stderr=stdout and subprocess.STDOUT,
        env={**env, LOCK_VARIABLE: str(lock)},
        start_new_session=True,  # only this process sends it an interrupt
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
    """Return whether this process belongs to a nested run."""
    return LOCK_VARIABLE in os.environ


def die_with_parent_run() -> None:
    """Kill this process group when the outermost run exits, even if that run was killed.

    No other run can take the lock until this process has ended.
    """

    def end() -> None:
        await_release(Path(os.environ[LOCK_VARIABLE]))
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=end, daemon=True).start()
