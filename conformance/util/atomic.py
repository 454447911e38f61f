"""Atomic writes: a file has its old content or the whole new one."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = ".new-"
"""The prefix of the names of temporary files."""


def write(path: Path, content: bytes) -> None:
    """Replace the file ``path`` by ``content``, readable for all; create missing folders.

    Raises ``OSError`` with ``path`` as its file name. After an error the old file is unchanged.
    A process that is killed may leave a temporary file whose name begins with ``PREFIX``.
    """
    given, path = path, _target(path)
    try:
        handle, temporary = _begin(path)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(handle)  # some systems report only now that the disk is full
            os.chmod(temporary, 0o644)  # mkstemp lets only the owner read it
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):  # report the earlier error
                os.unlink(temporary)
            raise
    except OSError as error:
        # An error of a write to an open file has no file name.
        raise OSError(error.errno, error.strerror, str(given)) from error


def check(path: Path) -> None:
    """Raise ``OSError`` where ``write`` would now; create missing folders, and change no file.

    A disk may still be full, or ``path`` another one, when the content is there.
    """
    try:
        handle, temporary = _begin(_target(path))
        os.close(handle)
        os.unlink(temporary)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _target(path: Path) -> Path:
    """Return the file behind all links, which stay; one of links in a circle is a link itself."""
    return Path(os.path.realpath(path))  # Path.resolve raises RuntimeError before Python 3.13


def _begin(path: Path) -> tuple[int, str]:
    """Create the temporary file beside ``path``, a path without links; return it, opened."""
    if path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "not a regular file")
    path.parent.mkdir(parents=True, exist_ok=True)
    return tempfile.mkstemp(dir=path.parent, prefix=PREFIX)
