"""Faults are noticed by a case of each clause that they break, and nothing is without one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tasks.mutation", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_fault_of_the_reference_is_noticed(tmp_path: Path) -> None:
    """Those of the engine, seven times as many, are a job of their own: `nox -s faults`."""
    output = tmp_path / "kills.json"
    done = run("faults", "--json", str(output), "reference/*")
    assert output.exists(), done.stderr
    found = json.loads(output.read_text())
    assert len(found["faults"]) > 50
    wrong = [one for one in found["faults"] if one["survived"] or one["others"] or one["wrong"]]
    assert (wrong, done.returncode) == ([], 0)


def test_clauses_cases_faults_and_goldens_belong_together() -> None:
    done = run("trace", "--json")
    assert json.loads(done.stdout)["gaps"] == []
    assert done.returncode == 0
