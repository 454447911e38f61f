"""Advisory file locks (``flock``), released by the kernel when the holder exits."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Locked(Exception):
    """Another process is at work; the text says which, where that is known."""


@contextmanager
def file_lock(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Keep others from holding ``path``, a folder or else a file that is made, meanwhile.

    Those who hold it ``shared`` hold it side by side. Raises ``Locked`` at once
    where another process holds it, ``OSError`` where it cannot be locked.
    """
    is_folder = path.is_dir()
    descriptor = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR | os.O_CREAT, 0o644)
    try:
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked("another process" if is_folder else _holder(descriptor)) from None
        if not is_folder:
            with suppress(OSError):  # on a full disk the holder stays unknown
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(descriptor)


def await_release(path: Path) -> None:
    """Return when nobody holds ``path`` alone any more, and holds it ``shared`` from then on."""
    fcntl.flock(os.open(path, os.O_RDONLY), fcntl.LOCK_SH)


def _holder(descriptor: int) -> str:
    """Return who wrote itself into the file last, if it is still there."""
    pid = os.pread(descriptor, 20, 0).decode(errors="replace")
    try:
        os.kill(int(pid), 0)
    except PermissionError:
        pass  # another user's
    except (ValueError, OverflowError, ProcessLookupError):
        return "another run"
    return f"another run (pid {pid})"
