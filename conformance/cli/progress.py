"""Progress of long commands, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def progress(**totals: int) -> Iterator[Callable[[str], None]]:
    """Yield a function to call with the name of a task, one of ``totals``, for each unit done.

    On a terminal the progress is shown as bars, elsewhere as one line per tenth.
    """
    from rich.console import Console
    from rich.progress import Progress

    done = dict.fromkeys(totals, 0)
    console = Console(stderr=True)
    with Progress(console=console, transient=True) as bars:
        tasks = {name: bars.add_task(name, total=total) for name, total in totals.items()}

        def advance(name: str) -> None:
            bars.advance(tasks[name])
            done[name] += 1
            tenth = done[name] * 10 // totals[name] > (done[name] - 1) * 10 // totals[name]
            if tenth and not console.is_terminal:
                click.echo(f"{name}: {done[name]} of {totals[name]}", err=True)

        yield advance
