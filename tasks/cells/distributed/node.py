"""The code that runs on a node. It travels as text and imports no other module of this package."""

from __future__ import annotations

import io
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path


def pythons(wanted: Sequence[str]) -> list[str]:
    """Which of these Pythons this node has; none where it has neither uv nor pip."""
    if not shutil.which("uv") and find_spec("pip") is None:
        return []
    here = ".".join(platform.python_version_tuple()[:2])
    return [python for python in wanted if python == here or _starts(f"python{python}")]


def judge(checkout: bytes, cell: str, given: Sequence[str], seconds: float) -> dict[str, bytes]:
    """Run a cell from a copy of the checkout; the files that it left, by their names.

    ``output`` is what was printed, and why there is no report.
    """
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        zipfile.ZipFile(io.BytesIO(checkout)).extractall(folder)
        output = Path(folder, "output")
        with output.open("wb") as stream:
            # Another cluster's, or this task's, is not the cell's.
            env = {k: v for k, v in os.environ.items() if not k.startswith(("RAY_", "OMP_"))}
            child = subprocess.Popen(
                [sys.executable, "-m", "tasks.cells.distributed.run_cell", cell, *given],
                cwd=folder,
                env={**env, "PYTHONPATH": ""},
                stdin=subprocess.PIPE,  # it ends with this worker, however that ends
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                child.wait(seconds)
            except subprocess.TimeoutExpired:
                stream.write(f"\nended after {seconds:g} s\n".encode())
            finally:
                if child.returncode is None:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()
                if child.stdin:
                    child.stdin.close()
        left = Path(folder, ".nox", "reports").glob(f"{cell}.*")
        return {path.name: path.read_bytes() for path in [output, *left]}


def _starts(command: str) -> bool:
    """Return whether it runs: a shim may name a Python that is not installed."""
    if not shutil.which(command):
        return False
    return not subprocess.run([command, "-c", ""], capture_output=True, check=False).returncode
