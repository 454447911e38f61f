"""The noxfile is a table of contents: short, with help for people."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


def nox(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NOX")}
    return subprocess.run(
        [sys.executable, "-m", "nox", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_noxfile_is_short() -> None:
    assert len((ROOT / "noxfile.py").read_text(encoding="utf-8").splitlines()) <= 250


def test_the_main_job_is_what_nox_runs_by_itself() -> None:
    selected = [line for line in nox("--list").stdout.splitlines() if line.startswith("*")]
    assert [line.split()[1] for line in selected] == ["conformance"]


def test_the_list_fits_on_a_screen_and_each_session_has_a_sentence() -> None:
    listed = nox("--list").stdout.splitlines()
    assert len(listed) <= 40
    sessions = [line for line in listed if line[:2] in ("- ", "* ")]
    assert len(sessions) > 10
    assert [line for line in sessions if " -> " not in line or not line.endswith(".")] == []


def environments(folder: Path) -> list[str]:
    """Return the environments of sessions in ``folder``; nox's own, for its script, is none."""
    return [one.name for one in folder.iterdir() if one.is_dir() and one.name[0] != "_"]


def test_cells_are_listed_where_they_are_asked_for() -> None:
    listed = nox("--list", "-s", "cell").stdout.splitlines()
    assert sum(line.startswith("* cell(") for line in listed) > 100


def test_a_misspelt_option_makes_no_environment(tmp_path: Path) -> None:
    run = nox("--envdir", str(tmp_path), "-s", "conformance", "--", "--engin", "x.whl")
    assert run.returncode == 2
    assert "unknown option --engin; did you mean --engine?" in run.stdout
    assert "Traceback" not in run.stdout
    assert environments(tmp_path) == []


def test_help_has_examples(tmp_path: Path) -> None:
    run = nox("--envdir", str(tmp_path), "-s", "conformance", "--", "--help")
    assert run.returncode == 0
    for text in ("examples:", "passed on to it", "also install"):
        assert text in run.stdout
    assert environments(tmp_path) == []


def test_a_candidate_without_an_engine_is_one_clear_error(tmp_path: Path) -> None:
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    run = nox("--envdir", str(tmp_path), "-s", f"candidate-{running}")
    assert run.returncode == 1
    assert "Traceback" not in run.stdout
    assert "No engine given" in run.stdout


def test_a_wheel_for_another_python_skips_the_session(tmp_path: Path) -> None:
    running = sys.version_info.minor
    other = 11 if running == 10 else 10
    wheel = tmp_path / f"datafusion-56.0.0-cp3{other}-cp3{other}-any.whl"
    wheel.touch()
    run = nox(
        *("--envdir", str(tmp_path), "-s", f"candidate-3.{running}", "--", "--engine", str(wheel))
    )
    assert run.returncode == 0, run.stdout
    assert f"the wheel does not fit Python 3.{running}" in run.stdout


@pytest.mark.parametrize("name", ["ray", "dask"])
def test_help_of_clusters_says_what_an_address_is_for(name: str, tmp_path: Path) -> None:
    text = " ".join(nox("--envdir", str(tmp_path), "-s", "clusters", "--", "--help").stdout.split())
    assert f"--{name} ADDRESS judge on this running cluster" in text
