"""Recognize an output that is one of the inputs, whatever its path is called."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def find_same_file(target: Path, inputs: Iterable[Path]) -> Path | None:
    """Return the first of ``inputs`` that is the file ``target``; ``None`` if none is.

    Links and other spellings of a path are the same file. A path without a file is none.
    """
    for one in inputs:
        try:
            if os.path.samefile(one, target):
                return one
        except (OSError, ValueError):  # no such file, or no path at all
            continue
    return None
