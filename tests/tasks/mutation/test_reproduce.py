"""The lines of a soak that is red and of a fault that survives, pasted into a shell."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tasks.faults import faults
from tasks.mutation import __main__ as commands
from tasks.mutation.kills import Killed
from tests.conftest import ROOT
from tests.shell import paste


def _fault() -> str:
    """Return the name of a fault of the reference in the chapter TOGGLE."""
    return next(name for name in faults() if name.startswith("reference/toggle/"))


def test_the_line_of_a_red_soak(tmp_path: Path) -> None:
    fault = faults()[_fault()]
    options = ("--runs", "2", "--seed", "7", "--chapter", "TOGGLE", "--subject", fault.spec)
    # In a process of its own: it forks, and threads of other tests would not survive that.
    run = subprocess.run(
        [sys.executable, "-m", "tasks.mutation", "soak", *options, "-j", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    first = next(line for line in run.stdout.splitlines() if line.startswith("seed "))
    pasted = paste(run.stdout, tmp_path)
    assert pasted.returncode == 1, pasted.stdout
    assert first in pasted.stdout


def test_the_line_of_a_fault_that_survives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the table is wrong: the real run notices the fault."""

    def survive(*_arguments: object, **_options: object) -> Iterator[Killed]:
        yield Killed(faults()[name], survived=faults()[name].breaks)

    name = _fault()
    monkeypatch.setattr(commands, "kill", survive)
    run = CliRunner().invoke(commands.main, ["faults", name])
    assert run.exit_code == 1, run.output
    pasted = paste(run.output, tmp_path)
    assert pasted.returncode == 0, pasted.stdout
    assert f"{name}  toggle/" in pasted.stdout
