"""Progress of long commands, on standard error."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click

LINE_SECONDS = 30.0
"""Seconds between two lines where there is no terminal."""


class Advance(Protocol):
    """Count units of a task as done; ``note`` is shown beside the task from then on."""

    def __call__(self, name: str, by: int = 1, *, note: str = "") -> None: ...


@contextmanager
def progress(**totals: int) -> Iterator[Advance]:
    """Yield a function to call with the name of a task, one of ``totals``, for the units done.

    On a terminal each task is a bar with the time left, which goes away at the end. Elsewhere a
    line is written every 30 seconds, and none for what takes less. Any thread may call it.
    """
    with _bars(totals) if sys.stderr.isatty() else _lines(totals) as advance:
        yield advance


@contextmanager
def _bars(totals: dict[str, int]) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    columns = (
        *(TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()),
        *(TimeLeft(elapsed_when_finished=True), TextColumn("{task.fields[note]}", markup=False)),
    )
    with Progress(*columns, console=Console(stderr=True, emoji=False), transient=True) as bars:
        tasks = {name: bars.add_task(name, total=total, note="") for name, total in totals.items()}

        def advance(name: str, by: int = 1, *, note: str = "") -> None:
            bars.update(tasks[name], advance=by)
            if note:
                bars.update(tasks[name], note=note)

        yield advance


@contextmanager
def _lines(totals: dict[str, int]) -> Iterator[Advance]:
    done = dict.fromkeys(totals, 0)
    began = last = time.monotonic()
    lock = threading.Lock()

    def advance(name: str, by: int = 1, *, note: str = "") -> None:
        nonlocal last
        with lock:
            now = time.monotonic()
            done[name] += by
            if now - last >= LINE_SECONDS:
                last = now
                left = (now - began) * (totals[name] - done[name]) / done[name]
                more = f"; {note}" if note else ""
                click.echo(
                    f"{name}: {done[name]} of {totals[name]}, {_words(left)} left{more}", err=True
                )

    yield advance


def _words(seconds: float) -> str:
    if seconds < 90:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:.0f} min"
