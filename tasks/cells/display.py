"""The display of a run of many cells: in place in a terminal, line by line in a log."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

from conformance.spec import CHAPTERS
from tasks.cells.results import SUFFIX
from tasks.cells.watch import CellState, Watch
from tasks.cells.wording import count, ending, headline, in_words, place, time_left, title

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

EVERY = 0.5
"""Seconds between two looks at the cells."""

QUIET = 30.0
"""Seconds between two lines of one cell in a log."""

MOST = 30
"""How many failures are shown as they come; the closing table has all of them."""

WIDEST = max(map(len, CHAPTERS))
"""The width of the longest name of a chapter."""

MOST_OUTPUTS = 3
"""How many cells that failed without a failed case are shown with their output."""


class Display(Protocol):
    """Shows the state of a run again and again."""

    def show(self, watch: Watch) -> None:
        """Show what is new."""

    def close(self) -> None:
        """End the display."""


@contextmanager
def watching(watch: Watch) -> Iterator[IO[str]]:
    """Show the cells while the block runs; yield the file for the output of nox."""
    with watch.log.open("w", encoding="utf-8") as output:
        display: Display = Screen() if in_place(sys.stdout) else Lines()
        ended = threading.Event()

        def run() -> None:
            while not ended.wait(EVERY):
                watch.update()
                display.show(watch)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield output
        finally:
            ended.set()
            thread.join()
            watch.update()
            display.show(watch)
            display.close()


def in_place(stream: IO[str]) -> bool:
    """Return whether a stream is a terminal in which lines can be changed."""
    return stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")


def show_end(log: Path) -> None:
    """Print the last lines of the output of a nox that ended too early."""
    if log.exists():
        print(*log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:], sep="\n")


class News:
    """The lines that are new since the last time: failures, and cells that ended."""

    def __init__(self) -> None:
        self._failures = 0
        self._ended = 0
        self._shown: set[tuple[str, str]] = set()
        self._outputs = 0

    def failures(self, watch: Watch) -> Iterator[str]:
        """Yield the clause, and how it failed, of the first failed case of each clause and cell."""
        new = watch.failures[self._failures :]
        self._failures += len(new)
        for cell, failure in new:
            if (cell, failure.clause) in self._shown:
                continue
            self._shown.add((cell, failure.clause))
            if len(self._shown) <= MOST:
                yield f"FAIL {cell} {title(failure)}"
                yield f"    {failure.case}: {failure.message}"
            elif len(self._shown) == MOST + 1:
                yield "More clauses fail; the closing table has them."

    def ended(self, watch: Watch) -> Iterator[CellState]:
        """Yield the cells that have ended."""
        new = watch.ended[self._ended :]
        self._ended += len(new)
        yield from new

    def unexplained(self, watch: Watch, state: CellState) -> list[str]:
        """Return the last output of a cell whose report does not say why it failed."""
        if state.explained or state.skipped:
            return []
        if (watch.log.parent / f"{state.name}{SUFFIX}").exists():
            return []  # the run ends with why pytest did not run
        self._outputs += 1
        return [f"    {line}" for line in state.output] if self._outputs <= MOST_OUTPUTS else []


class Lines:
    """A display for logs: a line per cell every ``QUIET`` seconds at most, and at its end."""

    def __init__(self) -> None:
        self._news = News()
        self._last: dict[str, float] = {}

    def show(self, watch: Watch) -> None:
        lines = [*self._news.failures(watch)]
        for state in self._news.ended(watch):
            ended = f"{len(watch.ended)} of {len(watch.states)} cells"
            lines.append(f"{ending(state)} ({', '.join([ended, *time_left(watch)])})")
            lines += self._news.unexplained(watch, state)
        for state in watch.running:
            elapsed = watch.elapsed(state)
            if elapsed - self._last.setdefault(state.name, 0.0) >= QUIET:
                self._last[state.name] = elapsed
                lines.append(f"{state.name}: {place(state)}{count(state)}, {in_words(elapsed)}")
        if lines:
            print(*lines, sep="\n", flush=True)

    def close(self) -> None:
        """Everything is printed already."""


class Screen:
    """A display for terminals: a headline and a line per running cell, in place."""

    def __init__(self, console: Console | None = None) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = console or Console(highlight=False, emoji=False)
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._live.start()
        self._news = News()

    def show(self, watch: Watch) -> None:
        for line in self._news.failures(watch):
            self._print(line)
        for state in self._news.ended(watch):
            output = self._news.unexplained(watch, state)
            if not state.explained and not state.skipped:
                self._print(ending(state))
            for line in output:
                self._print(line, style="")
        self._live.update(drawing(watch), refresh=True)

    def close(self) -> None:
        self._live.stop()

    def _print(self, line: str, style: str = "bold red") -> None:
        self._console.print(line, style=style, markup=False, no_wrap=True, overflow="ellipsis")


def drawing(watch: Watch) -> Table:
    """Return what a terminal shows: the headline, then a line per running cell."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    cells = Table.grid(padding=(0, 2), expand=True)
    cells.add_column(no_wrap=True)
    for width in (WIDEST, len("1234 of 1234")):  # so that the bars stay where they are
        cells.add_column(no_wrap=True, min_width=width)
    cells.add_column(ratio=1)
    for state in watch.running:
        progress = state.progress
        bar = ProgressBar(total=progress.total or 1, completed=progress.done)
        count = f"{progress.done} of {progress.total}" if progress.total else ""
        cells.add_row(state.name, place(state), count, bar if progress.total else "")
    table = Table.grid(expand=True)
    table.add_row(headline(watch), style="bold")
    table.add_row(cells)
    return table
