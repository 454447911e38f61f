"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path

PREFIX = ".new-"
"""With which the name of a file begins that is not whole yet."""


def write(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of ``path``, readable for all; folders are made.

    Raises ``OSError`` with ``path`` as its file name; whatever ends it early, the
    old file stays and nothing else does. Of a process that is killed, a file may
    stay whose name begins with ``PREFIX``.
    """
    said, path = path, path.resolve()  # of a link, what it leads to
    try:
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, "not a regular file")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=PREFIX)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(handle)  # some systems tell only now that the disk is full
            os.chmod(temporary, 0o644)  # mkstemp's own mode would keep other readers out
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):  # the earlier error is the one to report
                os.unlink(temporary)
            raise
    except OSError as error:
        # Writing into an open file fails without its name.
        raise OSError(error.errno, error.strerror, str(said)) from error
