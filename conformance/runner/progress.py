"""The progress of a run, in a file that grows line by line, each a JSON object.

The run appends a few lines a second; a reader takes those that are new. This module imports
nothing but the standard library: nox, which has no pytest, reads the file.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

INTERVAL = 0.5
"""Seconds between two lines while a chapter runs."""


@dataclass(frozen=True)
class CaseFailure:
    """A case that failed: its clause, and the first line of its message."""

    clause: str
    case: str
    message: str


@dataclass
class Progress:
    """How far a run is: ``done`` of ``total`` cases, the last of them in ``chapter``.

    ``total`` is 0 before the cases are collected; ``ended`` is true after the last case.
    """

    total: int = 0
    done: int = 0
    chapter: str = ""
    ended: bool = False
    failures: list[CaseFailure] = field(default_factory=list)


class ProgressWriter:
    """Append the progress of a run to a file; a full disk ends this, not the run."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Start the file ``path``; raise ``OSError`` if it cannot be written."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
        self._path = path
        self._done = 0
        self._chapter = ""
        self._next = 0.0
        self._clock = clock

    def expect(self, total: int) -> None:
        """Write how many cases will run."""
        self._write(total=total)

    def begin(self, chapter: str) -> None:
        """Write the chapter of the next case, if it is another one."""
        if chapter != self._chapter:
            self._chapter = chapter
            self._write(chapter=chapter, done=self._done)

    def count(self) -> None:
        """Count a case that has ended; write the number now and then."""
        self._done += 1
        now = self._clock()
        if now >= self._next:
            self._next = now + INTERVAL
            self._write(done=self._done)

    def fail(self, clause: str, case: str, message: str) -> None:
        """Write that a case failed."""
        lines = message.strip().splitlines()
        self._write(clause=clause, case=case, message=lines[0] if lines else "")

    def end(self) -> None:
        """Write that the run has ended."""
        self._write(done=self._done, ended=True)

    def _write(self, **values: Any) -> None:
        # No stream stays open, which a fork of the run would inherit.
        with suppress(OSError), self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(values) + "\n")


class ProgressReader:
    """Read the progress of a run while it is written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.progress = Progress()

    def update(self) -> Progress:
        """Return the progress; a line that is not complete yet is left for the next time."""
        try:
            with self._path.open("rb") as stream:
                stream.seek(self._offset)
                lines, _, _ = stream.read().rpartition(b"\n")
        except FileNotFoundError:
            return self.progress
        if lines:
            self._offset += len(lines) + 1
            for line in lines.splitlines():
                self._take(json.loads(line))
        return self.progress

    def _take(self, values: dict[str, Any]) -> None:
        if "case" in values:
            self.progress.failures.append(CaseFailure(**values))
            return
        for name, value in values.items():
            setattr(self.progress, name, value)
