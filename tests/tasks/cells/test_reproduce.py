"""The lines that a cell and the closing table print for a failure, pasted into a shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.matrix import read
from tasks.cells.options import Options
from tasks.cells.run import FIXED_HASHES, suite_command
from tests.conftest import ROOT
from tests.shell import paste

CASE = "wrong_version_unpickles_nothing[scalar-from_bytes-strict]"
SUBJECT = "faulty:UnpicklesFirst"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose tests need what a cell does not have, and a faulty subject beside it."""
    folder = tmp_path_factory.mktemp("a checkout")
    shutil.copy(ROOT / "pyproject.toml", folder)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "conformance", folder / "conformance", ignore=ignored)
    (folder / "golden").symlink_to(ROOT / "golden")
    shutil.copy(ROOT / "tests" / "tasks" / "fuzz" / "faulty.py", folder)
    (folder / "tests").mkdir()
    (folder / "tests" / "conftest.py").write_text("import not_in_a_cell\n")
    return folder


@pytest.fixture(scope="module")
def cell(checkout: Path) -> str:
    """The output of a cell, as nox runs it there: nothing is installed, and no path is set."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    (one, *_) = (cell for cell in read().cells() if cell.python == python)
    options = Options(subject=SUBJECT, pytest=["-k", CASE])
    report = checkout / ".nox" / "reports" / f"{one.name}.json"
    report.parent.mkdir(parents=True)
    _, *command = suite_command(one, options, report)
    run = subprocess.run(
        [sys.executable, *command],
        cwd=checkout,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        | FIXED_HASHES,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout + run.stderr
    return run.stdout


def _fails_alike(run: subprocess.CompletedProcess[str]) -> bool:
    return (
        run.returncode == pytest.ExitCode.TESTS_FAILED
        and f"case       frame/{CASE}" in run.stdout
        and "the payload was unpickled (unpickled)" in run.stdout
        and "1 failed" in run.stdout
    )


def test_the_line_of_a_cell(cell: str, tmp_path: Path) -> None:
    assert "reproduce  " in cell
    run = paste(cell, tmp_path)
    assert _fails_alike(run), run.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_line_of_the_closing_table(cell: str, checkout: Path, tmp_path: Path) -> None:
    del cell
    (report,) = (checkout / ".nox" / "reports").glob("*.json")
    here = str(shutil.copy(report, tmp_path / "here.json"))  # its engine is not that of the cell
    table = CliRunner().invoke(main, ["table", here]).output
    assert "\nFAIL FRAME-11, " in table
    assert f"fail of frame/{CASE}: " in table
    run = paste(table, tmp_path)
    assert _fails_alike(run), run.stdout
    elsewhere = CliRunner().invoke(main, ["table", here, "--no-reproduce"]).output
    assert "reproduce  " not in elsewhere
