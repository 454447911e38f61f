"""``exchange`` and ``grid``: bad input is one sentence, and an interrupt leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.cli.interop import BUNDLED_GRID
from conformance.interop.grid import Grid

HERE = f"here={sys.executable}"


@pytest.mark.parametrize(
    ("peers", "says"),
    [
        (["a"], "'a': expected NAME=PYTHON"),
        (["a="], "'a=': expected NAME=PYTHON"),
        ([f"={sys.executable}"], "expected NAME=PYTHON"),
        (["a=/tmp"], "with an interpreter that can be run"),
        (["a=/no/such"], "with an interpreter that can be run"),
        ([HERE, HERE], "duplicate name of a peer"),
    ],
)
def test_peers_that_cannot_be(tmp_path: Path, peers: list[str], says: str) -> None:
    result = CliRunner().invoke(main, ["exchange", *peers, "-o", str(tmp_path / "grid.json")])
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("where", [".", "no/such/grid.json"])
def test_where_no_grid_can_be_written(tmp_path: Path, where: str) -> None:
    result = CliRunner().invoke(main, ["exchange", HERE, "-o", str(tmp_path / where)])
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_an_interpreter_without_an_engine_is_absent(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 3\n")
    python.chmod(0o755)
    path = tmp_path / "grid.json"
    result = CliRunner().invoke(main, ["exchange", f"a={python}", "-o", str(path)])
    assert result.exit_code == 1
    assert "ABSENT: a: it did not write" in result.stdout
    assert Grid.read(path).absent


def test_an_interrupt_ends_even_a_peer_that_hangs(tmp_path: Path) -> None:
    python, pid = tmp_path / "python", tmp_path / "pid"
    python.write_text(f"#!/bin/sh\necho $$ > {pid}\nexec sleep 600\n")
    python.chmod(0o755)
    path = tmp_path / "grid.json"
    command = [sys.executable, "-m", "conformance", "exchange", f"a={python}", "-o", str(path)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not pid.exists() or not pid.read_text():
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    assert running.wait(30) != 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    assert not path.exists()


def test_the_grid_is_shown(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["grid", "--grid", str(BUNDLED_GRID)])
    assert result.exit_code == 0
    assert "every outcome is expected or a known divergence." in result.stdout
    document = json.loads(BUNDLED_GRID.read_text(encoding="utf-8"))
    document["squares"] = document["squares"][:-20]
    (tmp_path / "cut.json").write_text(json.dumps(document))
    for path, says in ((tmp_path / "cut.json", "pairs are missing"), (tmp_path, "cannot be read")):
        result = CliRunner().invoke(main, ["grid", "--grid", str(path)])
        assert result.exit_code == 2
        assert says in result.stderr


@pytest.mark.parametrize(
    ("command", "named"),
    [
        (["grid", "--json", "--markdown", "--heat"], "--json and --markdown, --heat:"),
        (["grid", "--markdown", "--heat"], "--markdown and --heat:"),
        (
            ["can-talk", "--sender", "here", "--sender-from", "x", "--receiver", "here"],
            "--sender here and --sender-from:",
        ),
        (
            ["can-talk", "--sender", "here", "--receiver", "here", "--receiver-from", "x"],
            "--receiver here and --receiver-from:",
        ),
    ],
)
def test_options_that_one_of_them_would_ignore(command: list[str], named: str) -> None:
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{named} options that do not go together\n"


@pytest.mark.parametrize(("given", "missing"), [("sender", "receiver"), ("receiver", "sender")])
def test_a_peer_that_is_missing(given: str, missing: str) -> None:
    result = CliRunner().invoke(main, ["can-talk", f"--{given}", "here"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"--{missing} is missing; expected --{missing} NAME==VERSION,... or --{missing}-from FILE\n"
    )
