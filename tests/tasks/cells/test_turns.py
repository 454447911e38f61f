"""One run at a time in a checkout, and nothing of it is left, however it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from conformance.processes import tree
from conformance.util.file_lock import Locked, file_lock
from tests.conftest import ROOT, gone, pid_in

SESSIONS = '''

import os
from tasks.cells import orchestrate

@nox.session(venv_backend="none")
def outer(session):
    """As the main job: clears the reports, and runs nox again for the cells, two at a time."""
    os.environ["NOX_PARALLEL"] = "2"
    with orchestrate.exclusive(session):
        orchestrate.clear_reports(session)
        done = orchestrate.run_cells(session, [], "-s", "inner")
        session.log(f"nested nox: {done.code}")

@nox.session(venv_backend="none", allow_parallel=True)
@nox.parametrize("n", [1, 2])
def inner(session, n):
    """As a cell: it has its turn, and starts a process."""
    with orchestrate.exclusive(session, shared=True):
        with (ROOT / f"{n}.log").open("w") as log:
            command = ("python", "-c", WORK, str(ROOT / f"{n}.pid"))
            session.run(*command, external=True, stdout=log, stderr=log)

WORK = """
import os, pathlib, signal, sys
path = pathlib.Path(sys.argv[1])
path.with_suffix(".new").write_text(str(os.getpid()))
path.with_suffix(".new").rename(path)
if not path.with_name("quick").exists():
    signal.pause()
path.with_suffix(".json").write_text("whole")
"""
'''


class Checkout:
    """A checkout with the project's own noxfile, and sessions that need nothing installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "noxfile.py").write_text((ROOT / "noxfile.py").read_text() + SESSIONS)
        shutil.copy(ROOT / "pyproject.toml", folder)
        for room in ("conformance", "tasks"):
            shutil.copytree(
                ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__")
            )
        (folder / "golden").symlink_to(ROOT / "golden")
        self.lock = folder / ".nox" / "lock"
        self.lock.parent.mkdir()
        self.runs: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts nox as a shell would: it leads a process group."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("NOX")}
        run = subprocess.Popen(
            [sys.executable, "-m", "nox", *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.runs.append(run)
        return run

    def at_work(self) -> list[int]:
        """The processes of the two cells, as soon as they run."""
        return [pid_in(self.folder / f"{n}.pid", within=60) for n in (1, 2)]

    def is_free(self) -> bool:
        """Return whether the next run could start; wait for killed processes to end."""
        ends = time.monotonic() + 5
        while True:
            try:
                with file_lock(self.lock):
                    return True
            except Locked:
                if time.monotonic() > ends:
                    return False
                time.sleep(0.01)


def end(run: subprocess.Popen[str]) -> tuple[int, str]:
    """Return the exit code and the output."""
    output, _ = run.communicate(timeout=120)
    return run.returncode, output


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    made = Checkout(tmp_path)
    yield made
    for run in made.runs:
        if run.poll() is None:
            tree.kill(tree.descendants(run.pid))
        run.communicate()


def test_a_nested_run_has_its_turn_and_frees_it(checkout: Checkout) -> None:
    (checkout.folder / "quick").touch()
    code, output = end(checkout.start("-s", "outer"))
    assert code == 0, output
    assert "nested nox: 0" in output
    assert len(list(checkout.folder.glob("*.json"))) == 2
    assert checkout.is_free()


def test_a_second_run_is_one_clear_error(checkout: Checkout) -> None:
    """Before it installs anything, or takes a report of the first away."""
    report = checkout.folder / ".nox" / "reports" / "x.json"
    report.parent.mkdir()
    report.touch()
    with file_lock(checkout.lock):
        # The first run alone makes nox's own environment; several at once would meet there.
        ended = [end(checkout.start("-s", "conformance"))]
        others = ("conformance_full", "clusters", "regenerate", "golden_check")
        ended += [end(run) for run in [checkout.start("-s", session) for session in others]]
    for code, output in ended:
        assert code == 12, output
        said = f"Another run (pid {os.getpid()}) is using this checkout; wait for it to finish"
        assert said in output
        assert "Traceback" not in output
    assert report.exists()


def test_reports_that_cannot_be_cleared_are_one_clear_error(checkout: Checkout) -> None:
    """Those of an earlier run would be taken for this one's."""
    path = checkout.folder / ".nox" / "reports"
    path.touch()
    code, output = end(checkout.start("-s", "outer"))
    assert code == 1
    assert f"{path}: cannot be cleared: Not a directory" in output
    assert "Traceback" not in output


@pytest.mark.parametrize(("shared", "code"), [(True, 0), (False, 12)])
def test_single_cells_run_side_by_side_but_not_beside_a_whole_run(
    checkout: Checkout, shared: bool, code: int
) -> None:
    (checkout.folder / "quick").touch()
    with file_lock(checkout.lock, shared=shared):
        assert end(checkout.start("-s", "inner(n=1)"))[0] == code
        assert end(checkout.start("-s", "outer"))[0] == 12


@pytest.mark.parametrize(
    ("number", "whom", "code"),
    [
        pytest.param(signal.SIGINT, "group", 130, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, "group", -signal.SIGTERM, id="timeout"),
        pytest.param(signal.SIGKILL, "outermost", -signal.SIGKILL, id="killed"),
        pytest.param(signal.SIGKILL, "nested", 1, id="nested-killed"),
        pytest.param(signal.SIGKILL, "cells", 0, id="cells-killed"),
    ],
)
def test_nothing_of_a_run_is_left(
    checkout: Checkout, number: signal.Signals, whom: str, code: int
) -> None:
    """Neither a process, nor a report, nor the lock."""
    run = checkout.start("-s", "outer")
    cells = checkout.at_work()
    members = tree.descendants(run.pid)
    assert {*cells} <= {one.pid for one in members}
    targets = {
        "outermost": [run.pid],
        "nested": [one.pid for one in members if one.parent == run.pid],
        "cells": [one.parent for one in members if one.pid in cells],
    }
    if whom == "group":
        os.killpg(run.pid, number)
    for pid in targets.get(whom, []):
        os.kill(pid, number)
    seen, output = end(run)
    assert seen == code, output
    assert all(gone(one.pid) for one in members)
    assert list(checkout.folder.glob("*.json")) == []
    assert checkout.is_free()
    if whom == "nested":
        assert "nox ended before it had run the cells" in output
        assert "Traceback" not in output
    if whom == "cells":
        assert "nested nox: 1" in output


def test_a_cell_whose_process_is_killed_fails(checkout: Checkout) -> None:
    """As the system does when memory runs out."""
    run = checkout.start("-s", "outer")
    for pid in checkout.at_work():
        os.kill(pid, signal.SIGKILL)
    code, output = end(run)
    assert code == 0
    assert "nested nox: 1" in output
    assert list(checkout.folder.glob("*.json")) == []


# The lock itself


def test_shared_and_alone(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "lock"):
        with ExitStack() as stack:
            for _ in range(2):
                stack.enter_context(file_lock(path, shared=True))
            with pytest.raises(Locked, match="another"), file_lock(path):
                pass
        with file_lock(path), pytest.raises(Locked, match="another"), file_lock(path, shared=True):
            pass
        with file_lock(path):
            pass


@pytest.mark.parametrize("noted", ["", "none", "999999999", "9" * 30])
def test_who_is_at_work_is_told_where_it_is_known(tmp_path: Path, noted: str) -> None:
    path = tmp_path / "lock"
    with file_lock(path):
        path.write_text(noted)
        with pytest.raises(Locked, match=r"^another run$"), file_lock(path):
            pass
