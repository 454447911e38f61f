"""The work of a node, on this machine: a copy of a checkout with a program of the test's own."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tasks.cells.distributed import node
from tasks.cells.distributed.cluster import ROOT, packed

WORK = """
import os, pathlib, sys
print("given", *sys.argv[1:], "CONFORMANCE_X" in os.environ, "RAY_JOB_ID" in os.environ, flush=True)
folder = pathlib.Path(".nox", "reports")
folder.mkdir(parents=True)
(folder / "other.json").touch()
for ending in ("json", "log"):
    (folder / f"{sys.argv[1]}.{ending}").write_text(ending)
"""


def checkout(work: str = WORK) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for package in ("tasks", "tasks/cells", "tasks/cells/distributed"):
            archive.writestr(f"{package}/__init__.py", "")
        archive.writestr("tasks/cells/distributed/run_cell.py", work)
    return content.getvalue()


def test_the_files_of_a_cell_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("CONFORMANCE_X", "1")
    monkeypatch.setenv("RAY_JOB_ID", "1")
    files = node.judge(checkout(), "a-py3.12", ["-k", "x y"], 60)
    assert files == {
        "output": b"given a-py3.12 -k x y True False\n",
        "a-py3.12.json": b"json",
        "a-py3.12.log": b"log",
    }
    assert os.listdir(tmp_path) == []


def test_a_cell_has_an_end() -> None:
    files = node.judge(checkout("import signal; signal.pause()"), "a", [], 0.2)
    assert files == {"output": b"\nended after 0.2 s\n"}


def test_a_cell_ends_with_its_worker() -> None:
    work = (
        "import signal, threading; from tasks.cells.distributed import run_cell\n"
        "threading.Thread(target=run_cell._end_with_parent, daemon=True).start()\n"
        "print(flush=True); signal.pause()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", work],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as child:
        assert child.stdout
        assert child.stdin
        child.stdout.readline()
        assert child.poll() is None
        child.stdin.close()
        assert child.wait(30) == -signal.SIGKILL


def test_the_pythons_of_a_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shim that does not start is no Python; without uv and pip no cell can run."""
    here = "{}.{}".format(*sys.version_info)
    for name, code in {"python3.98": 0, "python3.99": 127, "uv": 0}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert node.pythons(["3.97", "3.98", "3.99", here]) == ["3.98", here]
    (tmp_path / "uv").unlink()
    monkeypatch.setattr(node, "find_spec", lambda _: None)
    assert node.pythons([here]) == []


def test_a_cell_starts_with_the_standard_library_alone() -> None:
    module = "import tasks.cells.distributed.run_cell"
    command = [sys.executable, "-S", "-c", module]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_the_copy_has_the_program_that_runs_a_cell() -> None:
    names = zipfile.ZipFile(io.BytesIO(packed())).namelist()
    assert "tasks/cells/distributed/run_cell.py" in names


def test_the_copy_has_all_that_a_cell_needs_and_no_more() -> None:
    names = zipfile.ZipFile(io.BytesIO(packed())).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"conformance", "tasks", "golden", "noxfile.py", "pyproject.toml"}
    wanted = [path for path in (ROOT / "golden").rglob("*") if path.is_file()]
    assert sum(name.startswith("golden/") for name in names) == len(wanted)
    assert not [name for name in names if name.endswith(".pyc")]
