"""The guide of programs: each step is done as it is written, and shows what the guide shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "implementers.md").read_text(encoding="utf-8")
BLOCKS = re.findall(
    r"```(python|console)\n(.*?)```",
    GUIDE.partition("## Judge a program in any language")[2].partition("\n## ")[0],
    re.DOTALL,
)
EMPTY, HELLO, OFFERED, FIXED = range(4)
"""The steps, by the place of what they show."""


def _programs() -> list[str]:
    """Return the program at each step, put together as the text says."""
    hello, branch, helper = (text for kind, text in BLOCKS if kind == "python")
    offered = hello.replace("OPERATIONS = []", 'OPERATIONS = ["write-frame"]')
    error = '    return {"error"'
    written = helper + offered.replace(error, branch + error)
    return ["", hello, offered, written]


def _shown() -> list[str]:
    return [text for kind, text in BLOCKS if kind == "console"]


def _run(line: str, folder: Path) -> list[str]:
    words = shlex.split(line.removeprefix("$ dfpy-conformance "))
    words = [f"{sys.executable} codec.py" if one == "python codec.py" else one for one in words]
    done = subprocess.run(
        [sys.executable, "-m", "conformance", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "COLUMNS": "120"},
    )
    return (done.stdout + done.stderr).splitlines()


@pytest.mark.parametrize("step", [EMPTY, HELLO, OFFERED, FIXED])
def test_each_step_shows_its_next_error(step: int, tmp_path: Path) -> None:
    (tmp_path / "codec.py").write_text(_programs()[step])
    expected: list[str] = []
    seen: list[str] = []
    for line in _shown()[step].splitlines():
        if line.startswith("$ "):
            seen = _run(line, tmp_path)
        elif line != "  ...":  # more lines, which the guide leaves out
            expected.append(line)
            assert any(one.startswith(line) for one in seen), (line, seen[-30:])
    assert expected


def test_the_last_step_is_green(tmp_path: Path) -> None:
    program = _programs()[FIXED].replace('"aggregate": b"DFPYUDF"', '"aggregate": b"DFPYUDA"')
    (tmp_path / "codec.py").write_text(program)
    command = next(line for line in _shown()[FIXED].splitlines() if "run" in line)
    assert any(line.startswith("12 passed") for line in _run(command, tmp_path))
