"""``dfpy-conformance run``: pytest's options pass through; a missing package is one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

from click.testing import CliRunner

from conformance.cli import main
from conformance.util.exit_codes import ExitCode
from tests.conftest import ROOT
from tests.shell import paste


def test_it_runs_the_suite_on_what_is_installed() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "conformance", "run", "--chapter", "GOLDENCHAIN", "-k", "x", "-q"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "deselected" in run.stdout
    assert "datafusion: engine " in run.stdout


def test_options_of_pytest_are_passed_on() -> None:
    with mock.patch("subprocess.run") as run:
        run.return_value.returncode = 7
        result = CliRunner().invoke(
            main, ["run", "--strict", "--allow-fixed", "-k", "a or b", "--maxfail=1"]
        )
    assert result.exit_code == 7
    (command,) = run.call_args.args
    strict = ["--conformance-strict", "--allow-fixed"]
    assert command[-5:] == [*strict, "-k", "a or b", "--maxfail=1"]


def test_the_line_of_a_failure_works_in_another_folder(tmp_path: Path) -> None:
    """The subject is found in the folder of the run, the package in PYTHONPATH."""
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    for folder in (here, elsewhere):
        folder.mkdir()
    shutil.copy(ROOT / "tests" / "tasks" / "fuzz" / "faulty.py", here)
    case = "wrong_version_unpickles_nothing[scalar-from_bytes-strict]"
    run = subprocess.run(
        [
            *(sys.executable, "-m", "conformance", "run", "-q", "-p", "no:hypothesispytest"),
            *("--subject", "faulty:UnpicklesFirst", "-k", case),
        ],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == ExitCode.FAILED, run.stdout + run.stderr
    pasted = paste(run.stdout, elsewhere)
    assert pasted.returncode == ExitCode.FAILED, pasted.stdout
    assert f"case       frame/{case}" in pasted.stdout
    assert "1 failed" in pasted.stdout


def test_a_missing_package_of_another_command_is_one_sentence() -> None:
    absent = ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow")
    with mock.patch.object(main.commands["cells"], "invoke", side_effect=absent):
        result = CliRunner().invoke(main, ["cells"])
    assert result.exit_code == ExitCode.NOT_INSTALLED
    said = "cells needs the package pyarrow: python -m pip install pyarrow\n"
    assert result.output == said


def test_without_pyarrow_it_is_one_sentence() -> None:
    with mock.patch("conformance.util.packages.find_spec", return_value=None):
        result = CliRunner().invoke(main, ["run", "--subject-command", "./codec"])
    assert result.exit_code == ExitCode.NOT_INSTALLED
    assert "The suite needs the package pyarrow: python -m pip install pyarrow" in result.output


def test_a_reader_that_has_read_enough_gets_no_verdict() -> None:
    """With 1, `run | head` would say that a case failed."""
    command = [sys.executable, "-m", "conformance", "run", "--chapter", "GOLDENCHAIN", "-k", "x"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode == ExitCode.USAGE
