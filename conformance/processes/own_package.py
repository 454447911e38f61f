"""Put this package alone on another interpreter's path, without what is installed beside it."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def path_for(python: str) -> str:
    """Return the folder from which ``python`` imports this package.

    The interpreter that runs here may import all that is installed here. Another one gets a
    folder with nothing but this package: it must use, and report, what it has itself.
    """
    return str(_PACKAGE.parent) if python == sys.executable else _folder()


def paths_of_user() -> list[str]:
    """Return the folders of ``PYTHONPATH`` that the user set, without this package's."""
    given = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return [path for path in given if path != str(_PACKAGE.parent)]


@cache
def _folder() -> str:
    """Make a folder with a link to this package; it is removed when this process exits."""
    folder = Path(tempfile.mkdtemp(prefix="dfpy-conformance-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / _PACKAGE.name).symlink_to(_PACKAGE, target_is_directory=True)
    return str(folder)
