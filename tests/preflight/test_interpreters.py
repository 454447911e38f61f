"""Nodes that are odd: programs that are no interpreter, print a banner, or hang."""

from __future__ import annotations

import json
import os
import pickle
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.preflight import survey
from conformance.preflight.interpreters import probe
from tests.preflight.conftest import Environment

ANSWER = repr(json.dumps({"host": "h", "error": ""}))
BANNER = f'echo Activating\n{sys.executable} "$@"\necho Leaving\n'


def node(folder: Path, script: str) -> str:
    """A program that serves as an interpreter, as a script of the shell."""
    path = folder / "node.sh"
    path.write_text(f"#!/bin/sh\n{script}")
    path.chmod(0o755)
    return f"n={path}"


def test_lines_around_an_answer_are_no_part_of_it(tmp_path: Path) -> None:
    assert probe(node(tmp_path, BANNER), ANSWER, 60) == {"node": "n", "host": "h", "error": ""}


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("", "it ended without an answer; it printed nothing"),
        ("echo garbage", "it ended without an answer; it printed 'garbage'"),
        ("printf '\\377'", "it ended without an answer; it printed '\ufffd'"),
        ('echo "$@"', 'it ended without an answer; it printed "-c import sys;'),
        ("cat; echo; exit 3", "exit code 3; it printed"),
        ("echo cause >&2; exit 3", "cause"),
        ("kill -9 $$", "exit code -9; it printed nothing"),
        ("echo before; exec sleep 100", "no answer within 1 s; it printed 'before'"),
        ("echo '<preflight-answer>{'", "it ended without an answer"),
        ("echo '<preflight-answer>[]</preflight-answer>'", "it ended without an answer"),
    ],
)
def test_a_node_without_an_answer(tmp_path: Path, script: str, message: str) -> None:
    seconds = 1 if "sleep" in script else 60
    found = probe(node(tmp_path, script), ANSWER, seconds)
    assert message in found["error"]
    assert len(found["error"]) < 300


def test_a_node_that_hangs_costs_no_answer_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
    monkeypatch.setattr(survey, "SOURCE", f"def on_node(*given): return {ANSWER}")
    hangs = node(tmp_path, "exec sleep 100")
    started = time.monotonic()
    address = "\n".join([*(hangs.replace("n=", f"n{number}=") for number in range(4)), "good="])
    found = survey.survey("python", f"{address}{sys.executable}", "[]", deadline=10)
    assert time.monotonic() - started < 10
    errors = {report["node"]: report["error"] for report in found}
    assert errors.pop("good") == ""
    assert set(errors.values()) == {"no answer within 8.5 s; it printed nothing"}


def test_the_command_keeps_the_answers_of_the_other_nodes(
    tmp_path: Path, other: Environment
) -> None:
    other.link_engine()
    # What is installed on a node may print lines in each of its processes.
    other.write("sitecustomize", "print('hello')")
    path = tmp_path / "five.pkl"
    path.write_bytes(pickle.dumps(5))
    nodes = ("--python", f"good={other.python}", "--python", node(tmp_path, "echo garbage"))
    result = CliRunner().invoke(main, ["preflight", *nodes, f"--bytes={path}", "--json"])
    assert result.exit_code == 18, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)["nodes"]
    assert {one["node"]: one["judgements"][0]["verdict"] for one in found} == {
        "good": "reads",
        "n": "not judged",
    }
