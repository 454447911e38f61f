"""The command line of a program."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path


def read_command(command: str) -> Sequence[str]:
    """Return the words of a command that names a program; raise ``ValueError`` otherwise."""
    words = shlex.split(command)
    if words and shutil.which(words[0]) is not None:
        return words
    name = words[0] if words else ""
    if "=" in name:
        raise ValueError(f"expected a program, found a variable; write: env {command}")
    if Path(name).is_file() and "/" in name:
        raise ValueError(f"expected a program, found a file that cannot be run; chmod +x {name}")
    if "/" in name:
        raise ValueError(f"expected a program, found no file {Path(name).absolute()}")
    raise ValueError(
        "expected a program, found none of this name; give a path with a slash, such as "
        "./codec, or a name on PATH"
    )
