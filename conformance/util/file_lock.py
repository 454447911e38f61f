"""Advisory file locks (``flock``), released by the kernel when the holder exits.

The package ``filelock`` cannot replace this module. Its ``FileLock`` is exclusive only. Its
``ReadWriteLock`` keeps shared locks in an SQLite database, which cannot be a folder, such as a
golden store, and cannot contain the holder's pid.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Locked(Exception):
    """Another process holds the lock; the message has its pid, if it is known."""


@contextmanager
def file_lock(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold a lock on ``path``: a folder, or a file, which is created if it is missing.

    Several processes can hold a ``shared`` lock at once. Raises ``Locked`` immediately if another
    process holds the lock, and ``OSError`` if ``path`` cannot be locked.
    """
    is_folder = path.is_dir()
    descriptor = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR | os.O_CREAT, 0o644)
    try:
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked("another process" if is_folder else _holder(descriptor)) from None
        if not is_folder:
            with suppress(OSError):  # on a full disk the pid stays unknown
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def await_release(path: Path) -> None:
    """Wait for the exclusive holder of ``path``, then hold it shared until this process ends."""
    fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_SH)


def _holder(descriptor: int) -> str:
    """Return the process whose pid is in the file, if it is still running."""
    pid = os.pread(descriptor, 20, 0).decode(errors="replace")
    try:
        os.kill(int(pid), 0)
    except PermissionError:
        pass  # it runs, and belongs to another user
    except (ValueError, OverflowError, ProcessLookupError):
        return "another run"
    return f"another run (pid {pid})"
