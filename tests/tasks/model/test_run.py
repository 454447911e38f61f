"""A run of the model: figures, a finding with its sequence, and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.suite.model.run import replay
from conformance.suite.model.steps import RESULT, Step
from conformance.suite.model.trees import Apply, Cell, Function, Minus, value
from conformance.suite.model.world import World
from conformance.util.exit_codes import ExitCode
from tests.conftest import ROOT
from tests.shell import paste

REFERENCE = "conformance.subjects.reference:Reference"
FAULT = "tasks.faults.engine.model_sessions:ThirdOverwritingIsIgnored"


def _run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tasks.model", "run", *options]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True, text=True
    )


def test_a_correct_codec_breaks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    done = _run("--subject", REFERENCE, "--stories", "5", "--json", str(path))
    assert done.returncode == ExitCode.OK, done.stdout + done.stderr
    assert "no known divergences" in done.stdout
    assert "no clauses broken" in done.stdout
    found = json.loads(path.read_text())
    assert found["findings"] == []
    assert found["stories"] >= 5
    assert found["operations"]["check"] == found["stories"]


def test_the_same_seed_gives_the_same_stories(tmp_path: Path) -> None:
    texts = set()
    for name in ("x", "y"):
        path = tmp_path / name
        _run("--subject", REFERENCE, "--stories", "3", "--seed", "7", "--json", str(path))
        texts.add(json.dumps(json.loads(path.read_text())["operations"]))
    assert len(texts) == 1


def test_a_finding_has_its_clause_its_story_and_its_command(tmp_path: Path) -> None:
    done = _run("--subject", FAULT, "--stories", "15", "--seed", "2")  # this seed meets it soon
    assert done.returncode == ExitCode.FAILED, done.stdout + done.stderr
    assert "BROKEN    MODEL-06" in done.stdout
    assert done.stdout.count("set_slot(") >= 3
    pasted = paste(done.stdout, tmp_path)
    assert pasted.returncode == ExitCode.FAILED, pasted.stdout
    assert "BROKEN    MODEL-06" in pasted.stdout


def test_an_unknown_subject_is_a_usage_error() -> None:
    done = _run("--subject", "no.such:thing")
    assert done.returncode == ExitCode.USAGE
    assert "no.such:thing" in done.stderr


SHIP = [
    Step("define", 0, {"new": 1, "family": "scalar", "name": "f", "factor": 3, "locked": False}),
    Step("build", 0, {"new": 2, "shape": "call", "outer": 1, "inner": 1}),
    Step("encode", 0, {"new": 3, "expression": 2, "session": None}),
    Step("decode", 0, {"new": 4, "message": 3, "session": None}),
]


def test_each_step_is_predicted() -> None:
    *_, encoded, decoded = replay(SHIP, frozenset())
    assert encoded.subject.frames == (1, 0, 0)
    assert decoded.subject.value == [3, 6, 9]
    assert decoded.subject.clause == RESULT


def test_a_story_without_what_a_step_needs_is_none() -> None:
    assert replay(SHIP[1:], frozenset()) == []


@pytest.mark.parametrize(("known", "factor"), [((), 3), (("decoding-overwrites-classes",), 2)])
def test_a_known_divergence_is_a_rule(known: tuple[str, ...], factor: int) -> None:
    world = World(frozenset(known))
    world.make_class(0, 1, "scalar", 2)
    world.define_on_class(0, 2, 1, "f")
    world.build(0, 3, "call", 2, 2)
    world.encode(0, 4, 3, None)
    world.change_class(0, 1, 3)
    world.decode(0, 5, 4, None)
    assert world.evaluate(0, 3).value == [factor, 2 * factor, 3 * factor]


@pytest.mark.parametrize(("merges", "expected"), [(False, [-1, -2, -3]), (True, [0, 0, 0])])
def test_namesakes_merge_where_that_is_known(merges: bool, expected: list[int]) -> None:
    two, three = (Apply(Function("scalar", "f", Cell(factor))) for factor in (2, 3))
    assert value(Minus(two, three), merges=merges) == expected
