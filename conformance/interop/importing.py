"""Try whether the engine that is installed here can be imported: its metadata do not say."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

_IMPORT = "import sys; sys.path[:] = sys.argv[1:]; import cloudpickle, datafusion"
_TIMEOUT = 60.0


def import_error() -> str:
    """Return why the engine or cloudpickle cannot be imported here; empty if both can.

    A process of its own tries it: an extension module of other libraries may kill its process.
    """
    return _import_error(tuple(sys.path))


@cache
def _import_error(path: tuple[str, ...]) -> str:
    try:
        run = subprocess.run(
            [sys.executable, "-c", _IMPORT, *path],
            capture_output=True,
            text=True,
            errors="backslashreplace",
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {_TIMEOUT:.0f} seconds"
    if run.returncode == 0:
        return ""
    lines = run.stderr.strip().splitlines()
    return lines[-1] if run.returncode == 1 and lines else f"exit code {run.returncode}"
