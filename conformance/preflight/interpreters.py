"""Probe interpreters of this machine, each with what is installed for it."""

from __future__ import annotations

import json
import subprocess
from typing import Any

START, END = "<preflight-answer>", "</preflight-answer>"
"""Texts around the answer in a node's output; a wrapper may print lines before and after it."""

CODE = (
    # Python puts the current folder, which is the driver's, on the path for -c.
    "import sys; sys.path[:] = filter(None, sys.path); answer = eval(sys.stdin.read()); "
    # In two parts, so that a program that prints its arguments does not print a marker.
    "print('\\n<preflight-' + 'answer>' + answer + '</preflight-' + 'answer>')"
)
MAX_OUTPUT = 200
"""How many characters of a node's output an error shows."""


def probe(line: str, text: str, seconds: float) -> dict[str, Any]:
    """Evaluate ``text`` in the interpreter of ``name=path``; return the node's report.

    A node that does not answer has an error in its report; ``seconds`` is its time.
    """
    name, _, python = line.partition("=")
    try:
        run = subprocess.run(
            [python, "-c", CODE], input=text.encode(), capture_output=True, timeout=seconds
        )
    except (OSError, ValueError) as error:
        return {"node": name, "error": f"{type(error).__name__}: {error}"}
    except subprocess.TimeoutExpired as error:
        shown = _shown(error.stdout or error.stderr or b"")
        return {"node": name, "error": f"no answer within {seconds:.3g} s{shown}"}
    return {"node": name, **read_answer(run.stdout, run.stderr, run.returncode)}


def read_answer(output: bytes, errors: bytes, code: int) -> dict[str, Any]:
    """Return the report in what a node printed, or an error with the first of its output."""
    _, start, rest = output.decode(errors="replace").rpartition(START)
    answer, end, _ = rest.partition(END)
    if start and end:
        try:
            report = json.loads(answer)
        except ValueError:
            report = None
        if isinstance(report, dict):
            return report
    lines = errors.decode(errors="replace").strip().splitlines()
    if code and lines:
        return {"error": lines[-1]}
    why = f"exit code {code}" if code else "it ended without an answer"
    return {"error": f"{why}{_shown(output or errors)}"}


def _shown(output: bytes) -> str:
    """Return a part of a sentence with the first of the output."""
    text = " ".join(output.decode(errors="replace").split())
    cut = text if len(text) <= MAX_OUTPUT else f"{text[:MAX_OUTPUT]}..."
    return f"; it printed {cut!r}" if text else "; it printed nothing"
