"""The commands that the documentation and the help name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import click

from conformance.cli import main
from tests.conftest import ROOT

PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
PAGES += [*(ROOT / "docs").glob("*.md"), *(ROOT / "tasks" / "site" / "pages").rglob("*.md")]
PAGES += [ROOT / "golden" / "README.md", *(ROOT / "examples").glob("*/README.md")]

TASKS = [
    *("bench", "browser", "fuzz", "goldens", "kaitai", "model", "mutants", "mutation", "releases")
]
"""The tools of the repository, each a module of ``tasks`` with a command of click."""

_START = re.compile(
    r"(?:\w+=\S+ |.*&& )*"
    rf"(dfpy-conformance|python -m conformance|python -m tasks\.(?:{'|'.join(TASKS)})|nox)(?= |$)"
)


def tool(name: str, below: str = "") -> click.Command:
    """Return the command of a tool, or the one of this name below it."""
    found: Any = import_module(f"tasks.{name}.__main__").main
    command: click.Command = found.commands[below] if below else found
    return command


def commands(text: str) -> Iterator[str]:
    """Yield the commands in blocks of code and between backticks, whole and without comments."""
    yield from in_blocks(text)
    inline = re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
    for code in re.findall(r"`([^`\n]+)`", inline.replace("-\n", "-").replace("\n", " ")):
        yield from _from(code)


def in_blocks(text: str) -> Iterator[str]:
    """Yield the commands in blocks of code alone: those that a reader copies."""
    for block in re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            if start := re.match(r"\$ | *- run: ", line):
                yield from _from(line[start.end() :])


def in_help(command: click.Command = main) -> Iterator[str]:
    """Yield the examples in the help of a command and of those below it."""
    for one in with_those_below(command):
        for line in (one.epilog or "").replace("\\\n", " ").splitlines():
            yield from _from(line.strip())


def with_those_below(command: click.Command) -> Iterator[click.Command]:
    """Yield a command and, if it is a group, the commands below it."""
    yield command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from with_those_below(below)


def _from(line: str) -> Iterator[str]:
    """Yield the command in a line, from its program on."""
    if found := _START.match(line):
        yield line[found.start(1) :]
