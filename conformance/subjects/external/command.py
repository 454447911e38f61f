"""The command line of a program."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence


def read_command(command: str) -> Sequence[str]:
    """Return the words of a command that names a program; raise ``ValueError`` otherwise."""
    words = shlex.split(command)
    if not words or shutil.which(words[0]) is None:
        raise ValueError(
            "expected a program, found none of this name; give a path with a slash, such as "
            "./codec, or a name on PATH"
        )
    return words
