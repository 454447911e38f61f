"""``python -m tasks.cells.distributed.run_cell CELL``: run one cell on a node.

Ends with the process that holds its standard input open. Imports nothing but
the standard library: a node has no more.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from conformance.processes import nested
from conformance.util.file_lock import file_lock

ROOT = Path(__file__).parents[3]


def main(cell: str, given: Sequence[str]) -> int:
    """Return the exit code of nox."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    tools = _tools(ROOT / ".nox" / "tools")
    lock = ROOT / ".nox" / "lock"
    with file_lock(lock):
        return nested.run(
            [
                *(str(tools / "python"), "-m", "nox", "-f", str(ROOT / "noxfile.py")),
                *("-s", f"cell({cell})", "--error-on-missing-interpreters"),
                *("--", "--quiet", *given),
            ],
            lock,
            env={**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"},
        )


def _tools(folder: Path) -> Path:
    """Return the programs of a new environment with nox and uv."""
    programs = folder / "bin"
    if uv := shutil.which("uv"):
        make = [uv, "venv", "--quiet", "--python", sys.executable, str(folder)]
        install = [uv, "pip", "install", "--quiet", "--python", str(programs / "python")]
    else:
        make = [sys.executable, "-m", "venv", str(folder)]
        install = [str(programs / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run(make, check=True)
    subprocess.run([*install, "nox", "uv"], check=True)
    return programs


def _end_with_parent() -> None:
    """End nested runs with this process, which holds the lock."""
    os.read(0, 1)  # not sys.stdin, whose lock would be file_lock when this process ends by itself
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
