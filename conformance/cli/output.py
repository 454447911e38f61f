"""How commands print: JSON, tables, errors."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

from conformance.util.exit_codes import ExitCode
from conformance.util.json_text import json_text

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


LEAST_WIDTH = 80
"""The columns of a table in a narrower terminal: it breaks lines there, and nothing is cut."""


_LOST = (errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF)
"""Errors of a standard output that nobody reads, that is full or closed."""


@contextmanager
def answering() -> Iterator[None]:
    """End the process if its answer is lost: the exit code must not be that of an answer."""
    try:
        yield
    except OSError as error:
        if error.filename is not None or error.errno not in _LOST:
            raise
        _discard(sys.stdout)
        if error.errno != errno.EPIPE:  # the reader of a pipe has read enough
            print_error(f"standard output: cannot be written: {error.strerror}")
        sys.exit(ExitCode.USAGE)


def print_json(value: Any) -> None:
    """Print ``value`` as JSON."""
    click.echo(json_text(value, indent=2))


def console() -> Console:
    """Return the console that tables are printed on.

    Colours are for a terminal. ``NO_COLOR`` removes them there, ``FORCE_COLOR`` has them in a log,
    too; where both are set there is none.
    """
    from rich.console import Console

    class Reraising(Console):
        def on_broken_pipe(self) -> None:
            """Leave it to the group of the commands, as for what click prints."""
            raise

    made = Reraising(highlight=False, emoji=False)
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        made.width = 120  # a log has no width of its own
    made.width = max(made.width, LEAST_WIDTH)
    return made


def colours() -> bool | None:
    """Return whether click prints colours, by the same variables; None: on a terminal only."""
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None


@contextmanager
def reporting() -> Iterator[None]:
    """Write to the standard error; where it cannot be written, go on, to the right exit code."""
    try:
        yield
    except OSError:
        _discard(sys.stderr)


def _discard(stream: TextIO) -> None:
    """Send to nowhere what a stream that cannot be written still holds, and what follows."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def print_error(message: str) -> None:
    """Print an error on one line, with what a terminal would obey escaped."""
    from conformance.wire.text import printable

    with reporting():
        click.echo(printable(" ".join(message.split("\n"))), err=True)


def exit_with_error(message: str, code: ExitCode = ExitCode.USAGE) -> NoReturn:
    """Print an error and end the command."""
    print_error(message)
    sys.exit(code)


def refuse_together(option: str, others: Mapping[str, object]) -> None:
    """End the command if any of ``others`` is given, too: ``option`` would ignore it.

    ``others`` are values by the name of their option; one that is empty or false is not given.
    """
    if given := [name for name, value in others.items() if value]:
        exit_with_error(f"{option} and {', '.join(given)}: options that do not go together")


def refuse_input(target: Path, inputs: Iterable[Path]) -> None:
    """End the command if ``target``, which it is to write, is one of the files that it reads."""
    from conformance.util.same_file import find_same_file

    if found := find_same_file(target, inputs):
        exit_with_error(f"{target}: the output is an input, {found}: name another file")


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; end the command if it cannot be written."""
    from conformance.util import atomic

    try:
        atomic.write(path, data)
    except OSError as error:
        exit_with_error(f"{path}: cannot be written: {error.strerror}")


def examples(*commands: str) -> str:
    """Return the examples for the help of a command of ``dfpy-conformance``."""
    return example_lines(*(f"dfpy-conformance {command}" for command in commands))


def example_lines(*lines: str) -> str:
    """Return whole command lines as the examples of a command's help."""
    head = "Example:" if len(lines) == 1 else "Examples:"
    return "\n".join(["\b", head, *(f"  {line}" for line in lines)])
