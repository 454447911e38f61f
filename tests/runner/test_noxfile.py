from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


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


def test_the_main_job_is_what_nox_runs_by_itself() -> None:
    selected = [line for line in nox("--list").stdout.splitlines() if line.startswith("*")]
    assert [line.split()[1] for line in selected] == ["conformance"]


def test_each_session_says_what_it_does_in_one_sentence() -> None:
    listed = [line for line in nox("--list").stdout.splitlines() if line[:2] in ("- ", "* ")]
    assert len(listed) > 100
    assert [line for line in listed if " -> " not in line or not line.endswith(".")] == []


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        ("none.whl", "--engine none.whl: there is no such file"),
        ("pandas", "--engine pandas: a requirement of pandas, not datafusion"),
    ],
)
def test_a_wrong_candidate_is_one_clear_error(tmp_path: Path, candidate: str, said: str) -> None:
    run = nox("--envdir", str(tmp_path), "-s", "conformance", "--", "--engine", candidate)
    assert run.returncode == 1
    assert said in run.stdout
    assert "Traceback" not in run.stdout


def test_a_candidate_that_is_not_named_is_one_clear_error(tmp_path: Path) -> None:
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    run = nox("--envdir", str(tmp_path), "-s", f"candidate-{running}")
    assert run.returncode == 1
    assert "Traceback" not in run.stdout
    assert "Say which engine" in run.stdout
