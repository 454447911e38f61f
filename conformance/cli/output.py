"""How commands tell what they have to: JSON, tables, trouble."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from rich.console import Console

TROUBLE = 2
"""Exit code where a file, an argument or a cluster is not what it must be."""


def as_json(value: Any) -> None:
    """Tells ``value`` as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def console() -> Console:
    """The console that tables are shown on."""
    from rich.console import Console

    made = Console(highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = 120  # a log has no width of its own
    return made


def tell(message: str) -> int:
    """Tells of trouble, on one line; the exit code for it."""
    click.echo(" ".join(message.split("\n")), err=True)
    return TROUBLE


def fail(message: str) -> NoReturn:
    """Tells of trouble, and ends the command."""
    sys.exit(tell(message))
