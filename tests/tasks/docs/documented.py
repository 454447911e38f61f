"""The commands that the documentation and the help name."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from conformance.cli import main
from tests.conftest import ROOT

PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")]
PAGES += [*(ROOT / "docs").glob("*.md"), *(ROOT / "tasks" / "site" / "pages").rglob("*.md")]
PAGES += [ROOT / "golden" / "README.md", *(ROOT / "examples").glob("*/README.md")]

_START = re.compile(r"(?:\w+=\S+ |.*&& )*(dfpy-conformance|python -m conformance|nox)(?= |$)")


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
    for line in (command.epilog or "").replace("\\\n", " ").splitlines():
        yield from _from(line.strip())
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from in_help(below)


def _from(line: str) -> Iterator[str]:
    """Yield the command in a line, from its program on."""
    if found := _START.match(line):
        yield line[found.start(1) :]
