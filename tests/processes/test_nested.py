"""``nested``: no process that a run started is left when it returns or raises."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.util.file_lock import file_lock
from tests.conftest import ROOT, alive, gone, pid_in

OUTER = """
import pathlib, sys
from conformance.util.file_lock import file_lock
from conformance.processes import nested
lock = pathlib.Path("lock")
with file_lock(lock):
    print(nested.run([sys.executable, "-c", *sys.argv[1:]], lock))
"""
INNER = """
import os, pathlib, signal, subprocess, sys
from conformance.processes import nested
nested.die_with_parent_run()
sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
orphan = subprocess.Popen(sleep, start_new_session=True)
for name, pid in (("orphan", orphan.pid), ("inner", os.getpid())):
    pathlib.Path("new").write_text(str(pid))
    os.rename("new", name)
try:
    if sys.argv[1] == "waits":
        signal.pause()
except KeyboardInterrupt:
    pathlib.Path("in order").touch()
os._exit(7)
"""


def start(folder: Path, how: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OUTER, INNER, how],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_what_it_left_is_ended(tmp_path: Path) -> None:
    with start(tmp_path, "ends") as run:
        output, _ = run.communicate(timeout=60)
        left = alive(pid_in(tmp_path / "orphan"))
    assert (run.returncode, output) == (0, "7\n")
    assert not left or sys.platform != "linux"  # elsewhere nobody adopts orphans


def test_an_interrupt_lets_it_end_in_order(tmp_path: Path) -> None:
    """Once, and not through the terminal; then nothing is left."""
    with start(tmp_path, "waits") as run:
        inner, orphan = (pid_in(tmp_path / name) for name in ("inner", "orphan"))
        run.send_signal(signal.SIGINT)
        run.wait(60)
        left = [pid for pid in (inner, orphan) if alive(pid)]
    assert run.returncode == -signal.SIGINT
    assert (tmp_path / "in order").exists()
    assert left == [] or sys.platform != "linux"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_what_ends_the_outermost_ends_it(tmp_path: Path, number: signal.Signals) -> None:
    """And the lock is free only when it has ended."""
    with start(tmp_path, "waits") as run:
        inner, orphan = (pid_in(tmp_path / name) for name in ("inner", "orphan"))
        run.send_signal(number)
    assert gone(inner)
    with file_lock(tmp_path / "lock"):
        pass
    os.kill(orphan, signal.SIGKILL)  # it left every group, and nobody adopted it
