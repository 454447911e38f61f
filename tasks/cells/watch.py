"""The state of every cell of a run, from nox's output and from what each cell writes."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.matrix import Cell
from conformance.runner.progress import CaseFailure, Progress, ProgressReader

NOX_LOG = "nox.log"
"""The output of the nox that runs the cells, in the folder of the reports."""

PROGRESS = ".progress"
"""The suffix of the file in which a cell writes how far it is."""

SHOWN = 12
"""How many lines of a cell's output are kept for a cell that fails without a failed case."""

START = re.compile(r"(?:Starting|Running) session (?P<name>.+?)(?:\.\.\.)?$")
END = re.compile(r"=+ \S+ (?P<name>.+): (?P<result>success|failed|skipped|aborted)\b.* =+$")
CLOSING = re.compile(
    r"Session (?P<name>.+?) (?P<result>was successful|failed|skipped|aborted)"
    r"(?: in .*)?(?:: (?P<reason>.+?))?\.?(?: \(took .*\)\.?)?$"
)
"""The lines of nox: a session starts, the head of its output at its end, and its last line."""

COLOUR = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")

A_QUARTER = 0.25
"""The share of a cell's cases after which its speed says when it ends."""


@dataclass
class CellState:
    """One cell of a run; ``result`` is nox's word for its end, empty before."""

    cell: Cell
    reader: ProgressReader
    started: float = 0.0
    seconds: float = 0.0
    result: str = ""
    reason: str = ""
    output: deque[str] = field(default_factory=lambda: deque(maxlen=SHOWN))

    @property
    def name(self) -> str:
        """The name of the cell."""
        return self.cell.name

    @property
    def progress(self) -> Progress:
        """The cell's progress, as far as it was read."""
        return self.reader.progress

    @property
    def kind(self) -> object:
        """The choice of chapters: cells that share it take about the same time."""
        return self.cell.without, self.cell.cluster

    @property
    def explained(self) -> bool:
        """Return whether the cell's own report says why it ended as it did."""
        progress = self.progress
        return self.result == "success" or (progress.ended and bool(progress.failures))

    @property
    def skipped(self) -> bool:
        """Return whether the cell was not run, as its interpreter is missing."""
        return self.result == "skipped"


class Watch:
    """The cells of a run; ``update`` reads what is new."""

    def __init__(
        self,
        planned: Sequence[Cell],
        names: Mapping[str, str],
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``names`` are the cells' names by those of their nox sessions."""
        self.log = folder / NOX_LOG
        self.failures: list[tuple[str, CaseFailure]] = []
        """All failures in the order in which they came, each with the name of its cell."""
        self.ended: list[CellState] = []
        """The cells that have ended, in this order."""
        self.states = {
            cell.name: CellState(cell, ProgressReader(folder / f"{cell.name}{PROGRESS}"))
            for cell in planned
        }
        self._names = names
        self._clock = clock
        self._offset = 0
        self._current: CellState | None = None

    @property
    def running(self) -> list[CellState]:
        """The cells that run now."""
        return [state for state in self.states.values() if state.started and not state.result]

    @property
    def to_come(self) -> list[CellState]:
        """The cells that have not started."""
        return [one for one in self.states.values() if not one.started and not one.result]

    def update(self) -> None:
        """Read what nox and the running cells have written since the last time."""
        before = len(self.ended)
        self._read_log()
        for state in [*self.running, *self.ended[before:]]:
            known = len(state.progress.failures)
            found = state.reader.update().failures[known:]
            self.failures += [(state.name, failure) for failure in found]

    def elapsed(self, state: CellState) -> float:
        """Return for how many seconds a cell has run."""
        return state.seconds if state.result else self._clock() - state.started

    def seconds_left(self) -> float | None:
        """Return about how long the run will take from now, or ``None`` where nobody knows."""
        left = [self._left(state) for state in (*self.running, *self.to_come)]
        known = [seconds for seconds in left if seconds is not None]
        if not known or len(known) < len(left):
            return None
        at_once = max(1, len(self.running))
        return max(sum(known) / at_once, *known[: len(self.running)], 0.0)

    def _left(self, state: CellState) -> float | None:
        progress = state.progress
        passed = self.elapsed(state) if state.started else 0.0
        done = [one for one in self.ended if one.progress.ended]
        alike = [one.seconds for one in done if one.kind == state.kind]
        times = alike or [one.seconds for one in done]
        if times and passed < sum(times) / len(times):
            return sum(times) / len(times) - passed
        if progress.total and progress.done >= A_QUARTER * progress.total:
            return passed * (progress.total - progress.done) / progress.done
        return 0.0 if times else None

    def _read_log(self) -> None:
        if not self.log.exists():
            return
        with self.log.open("rb") as stream:
            stream.seek(self._offset)
            new, _, _ = stream.read().rpartition(b"\n")
        if new:
            self._offset += len(new) + 1
            self._take(COLOUR.sub("", new.decode(errors="replace")).split("\n"))

    def _take(self, lines: Iterable[str]) -> None:
        for line in lines:
            if found := START.search(line) or END.match(line) or CLOSING.search(line):
                name = self._names.get(found["name"], "")
                state = self.states.get(name)
                if state:
                    self._current = state
                    self._change(state, found.groupdict())
            elif self._current and line.strip():
                self._current.output.append(line.rstrip("\r"))

    def _change(self, state: CellState, found: Mapping[str, str | None]) -> None:
        state.started = state.started or self._clock()
        state.reason = state.reason or found.get("reason") or ""
        result = (found.get("result") or "").removeprefix("was ").replace("successful", "success")
        if result and not state.result:
            state.result = result
            state.seconds = self._clock() - state.started
            self.ended.append(state)
