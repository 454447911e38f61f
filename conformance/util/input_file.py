"""Read the files that the user names: whole, and up to a bound."""

from __future__ import annotations

import errno
import sys
from functools import cache
from pathlib import Path
from typing import BinaryIO

MOST = 256 << 20
"""The bytes that are read of a file: an endless one would take all memory."""


def _open_file(path: Path) -> BinaryIO:
    """Open a file; print that a named pipe waits, which it does without a word."""
    _announce(path)
    return path.open("rb")


def read_bytes(path: Path, most: int = MOST) -> bytes:
    """Return the content of a file; raise ``OSError`` if that is more than ``most`` bytes."""
    with _open_file(path) as opened:
        return read_whole(opened, str(path), most)


def read_whole(opened: BinaryIO, name: str, most: int = MOST) -> bytes:
    """Return the rest of an open file; raise ``OSError`` if that is more than ``most`` bytes."""
    data = opened.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"more than {most:,} bytes, which this tool does not read", name)
    return data


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8; raise ``OSError`` or ``UnicodeDecodeError``."""
    return read_bytes(path).decode()


@cache
def _announce(path: Path) -> None:
    """Say once that a named pipe is read; one of ``/dev/fd`` has its writer already."""
    if path.is_fifo() and not str(path.resolve()).startswith("/proc/"):
        print(f"{path}: a named pipe: waiting for a process that writes into it", file=sys.stderr)
