"""One process imports the engine and writes with many cloudpickles, each of its own folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from tasks.cells.run import FIXED_HASHES
from tests.conftest import ROOT

cloudpickle: Any = import_module("cloudpickle")
VERSION = cloudpickle.__version__


def run(module: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"tasks.goldens.{module}", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **FIXED_HASHES},
        capture_output=True,
        text=True,
        check=False,
    )


def package(folder: Path, version: str, code: str = "") -> None:
    """Put the installed cloudpickle, with ``code`` at its end, into the folder of a version."""
    there = shutil.copytree(Path(cloudpickle.__file__).parent, folder / version / "cloudpickle")
    with (there / "__init__.py").open("a", encoding="utf-8") as file:
        file.write(code)


def test_it_writes_what_the_writer_of_one_environment_writes(tmp_path: Path) -> None:
    package(tmp_path, VERSION)
    alone = run("writer", tmp_path / "alone")
    given = (f"--packages={tmp_path}", f"--out={VERSION}={tmp_path / 'forked'}")
    forked = run("writers", *given)
    assert (alone.returncode, forked.returncode) == (0, 0), alone.stderr + forked.stderr
    documents = [json.loads((tmp_path / name).read_text()) for name in ("alone", "forked")]
    assert documents[0] == documents[1]
    assert len(documents[0]["written"]) > 100


def test_each_version_that_cannot_write_is_named(tmp_path: Path) -> None:
    """The others write all the same."""
    package(tmp_path, "1.0.0")
    package(tmp_path, "2.0.0", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    package(tmp_path, VERSION)
    outputs = [f"--out={version}={tmp_path / version}.written" for version in ("1.0.0", "2.0.0")]
    outputs.append(f"--out={VERSION}={tmp_path}/last.written")
    done = run("writers", f"--packages={tmp_path}", "--out=0.9.0=never.written", *outputs)
    installed = Path(cloudpickle.__file__).parents[1]
    assert done.stderr.splitlines() == [
        f"golden writer: cloudpickle: expected 0.9.0 in {tmp_path}/0.9.0, "
        f"found {VERSION} in {installed}",
        f"golden writer: cloudpickle: expected 1.0.0 in {tmp_path}/1.0.0, "
        f"found {VERSION} in {tmp_path}/1.0.0",
        "golden writer: cloudpickle 2.0.0: died of SIGKILL",
    ]
    assert done.returncode == 9
    assert [path.name for path in tmp_path.glob("*.written")] == ["last.written"]


def test_a_wrong_engine_is_refused(tmp_path: Path) -> None:
    package(tmp_path, VERSION)
    out = tmp_path / "out"
    done = run("writers", f"--packages={tmp_path}", f"--out={VERSION}={out}", "engine=1.0.0")
    assert done.returncode == 2
    assert "golden writer: engine: expected 1.0.0, found " in done.stderr
    assert not out.exists()
