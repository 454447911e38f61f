"""Variants write other bytes than the released engine, and a case that minds is red."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from tasks.mutation import __main__ as commands
from tasks.mutation import variants as runs
from tasks.mutation.cases import Case
from tasks.mutation.forks import End
from tasks.variants import variants
from tests.conftest import ROOT

WRITES = """
import sys
from importlib import import_module
from conformance.suite.helpers.samples import sample
module, _, name = sys.argv[1].partition(":")
subject = getattr(import_module(module), name)()
data = subject.to_bytes(sample(subject, "scalar"))
subject.from_bytes(data)
print(data.hex())
"""


def written(spec: str) -> str:
    """Return what a new process writes with the subject, which reads it, too."""
    command = [sys.executable, "-c", WRITES, spec]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_each_variant_writes_bytes_of_its_own() -> None:
    engine = written("conformance.subjects.engine:Engine")
    assert engine == written("conformance.subjects.engine:Engine")
    seen = {name: written(spec) for name, spec in variants().items()}
    assert len({engine, *seen.values()}) == 1 + len(seen) > 4


@pytest.mark.parametrize(("ends", "code"), [((), 0), (("fail",), 1)])
def test_a_red_case_is_the_result(
    monkeypatch: pytest.MonkeyPatch, ends: tuple[str, ...], code: int
) -> None:
    case = Case("toggle/x", "TOGGLE-10", "m", "f", {}, None, frozenset())
    red = [End(case, how) for how in ends]
    found = [runs.Judged("cloudpickles/RenamesFiles", 7, red, "")]
    monkeypatch.setattr(runs, "judge", lambda *_, **__: iter(found))
    result = CliRunner().invoke(commands.main, ["variants", "cloudpickles/R*"])
    assert result.exit_code == code, result.output
    assert f"cloudpickles/RenamesFiles: 7 cases, {len(red) or 'none'} red" in result.output


def test_an_unknown_variant() -> None:
    result = CliRunner().invoke(commands.main, ["variants", "nothing/*"])
    assert result.exit_code == 2
    assert "there is no variant nothing/*" in result.output
