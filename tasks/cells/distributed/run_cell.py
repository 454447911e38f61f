"""``python -m tasks.cells.distributed.run_cell CELL``: run one cell on a node.

It ends with the process that holds its standard input open. It starts with the standard library
alone, since a node has no more, and goes on in an environment with nox.
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
from typing import NoReturn

ROOT = Path(__file__).parents[3]
INSIDE = "--inside"
"""Says that this process runs in the environment with nox."""


def main(given: Sequence[str]) -> int:
    """Run the cell in an environment with nox; return nox's exit code."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if given[0] != INSIDE:
        _restart_inside(given)
    return _run(given[1], given[2:])


def _restart_inside(given: Sequence[str]) -> NoReturn:
    """Go on as the Python of a new environment with nox."""
    tools = _tools(ROOT / ".nox" / "tools")
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    python, module = str(tools / "python"), "tasks.cells.distributed.run_cell"
    os.execve(python, [python, "-m", module, INSIDE, *given], environment)


def _run(cell: str, given: Sequence[str]) -> int:
    from conformance.processes import nested
    from conformance.util.file_lock import file_lock

    lock = ROOT / ".nox" / "lock"
    command = [sys.executable, "-m", "nox", "-f", str(ROOT / "noxfile.py"), "-s", f"cell({cell})"]
    with file_lock(lock):
        return nested.run([*command, "--error-on-missing-interpreters", "--", *given], lock)


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
    subprocess.run([*install, "nox", "uv", "psutil"], check=True)
    return programs


def _end_with_parent() -> None:
    """End nested runs with this process, which holds the lock."""
    os.read(0, 1)  # not sys.stdin, whose lock would be held when this process ends by itself
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
