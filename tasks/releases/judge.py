"""Judge a newer release in a throw-away environment: the suite, the bytes, the divergences."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from conformance.cli.progress import progress
from conformance.matrix import Cell
from conformance.report.file import read_report
from conformance.report.model import Report
from conformance.report.sentences import sentences
from conformance.report.summary import Summary
from conformance.runner.progress import ProgressReader
from tasks.cells.options import Options
from tasks.cells.run import refusal, suite_command
from tasks.cells.watch import PROGRESS
from tasks.releases.cells import before, cells, chapters
from tasks.releases.difference import Differences, compare
from tasks.releases.divergences import Changes, changes
from tasks.releases.environment import Environment, environment
from tasks.releases.index import Index, UnresolvedError
from tasks.releases.newer import Newer

WATCH_SECONDS = 1.0
"""Seconds between two looks at the progress of a running suite."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Judged:
    """A newer release and what became of it.

    ``why`` is why it was not judged, and empty for one that was; ``passed_over`` says why newer
    Pythons than the cell's did not judge it, ``uncompared`` why its bytes were not compared.
    """

    newer: Newer
    why: str = ""
    cell: Cell | None = None
    passed_over: tuple[str, ...] = ()
    report: Report | None = None
    changes: Changes | None = None
    differences: Differences | None = None
    uncompared: str = ""

    @property
    def failed(self) -> bool:
        """Return whether something fails that the table's releases do not show.

        A known divergence that went away is no such failure: its record is to be narrowed.
        """
        if self.report is None or self.changes is None:
            return False
        unjudged = any(one.verdict == "incomplete" for one in self.report.verdicts())
        return bool(self.changes.came) or not self.report.complete or unjudged

    @property
    def sentence(self) -> str:
        """The summary line of the report."""
        return " ".join(sentences(Summary({"": self.report}))) if self.report else ""


def judge(newer: Newer, index: Index, interpreters: Mapping[str, str], tell: Tell) -> Judged:
    """Judge a release on the newest installed Python on which it can be installed.

    Raises ``NotAskedError`` if the index does not answer.
    """
    if newer.why:
        return Judged(newer, newer.why)
    passed_over: list[str] = []
    for cell in cells(newer):
        where = f"Python {cell.python}"
        if cell.python not in interpreters:
            passed_over.append(f"{where} is not installed")
            continue
        tell(f"{newer.name}: installing it on {where}")
        try:
            with environment(interpreters[cell.python], index) as made:
                made.install_cell(cell)
                return _judge_in(made, newer, cell, tuple(passed_over), interpreters, tell)
        except UnresolvedError as error:
            passed_over.append(f"{where}: {error}")
    return Judged(newer, "; ".join(passed_over) or "the table would have no cell for it")


def _judge_in(
    made: Environment,
    newer: Newer,
    cell: Cell,
    passed_over: tuple[str, ...],
    interpreters: Mapping[str, str],
    tell: Tell,
) -> Judged:
    found, uncompared = None, ""
    if old := before(newer, cell):
        tell(f"{newer.name}: writing the goldens with {newer.known} and with {newer.version}")
        try:
            with environment(interpreters[old.python], made.index) as other:
                other.install_cell(old)
                found = compare(_write(other, old), _write(made, cell))
        except (UnresolvedError, _WriterError) as error:
            uncompared = str(error)
    report, why = _run_suite(made, newer, cell)
    return Judged(
        newer,
        why,
        cell,
        passed_over,
        report,
        changes(report) if report else None,
        found,
        uncompared,
    )


class _WriterError(Exception):
    """The golden writer failed; the text is the end of its log."""


def _write(made: Environment, cell: Cell) -> Path:
    output, log = made.folder / "goldens.written", made.folder / "writer.log"
    claims = [f"{name}={version}" for name, version in cell.claim.items()]
    if made.run("-m", "tasks.goldens.writer", str(output), "--all", *claims, log=log):
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise _WriterError(f"{cell.name}: {''.join(lines[-1:])}")
    return output


def _run_suite(made: Environment, newer: Newer, cell: Cell) -> tuple[Report | None, str]:
    """Return the report of the suite, or why it made none."""
    report, log = made.folder / "report.json", made.folder / "suite.log"
    reached = made.folder / f"suite{PROGRESS}"
    options = Options(chapter=[*chapters(newer, cell)])
    _, *arguments = suite_command(cell, options, report)
    with _watched(ProgressReader(reached), newer.name):
        code = made.run(*arguments, f"--conformance-progress={reached}", log=log)
    if report.is_file():
        return read_report(report), ""
    text = log.read_text(encoding="utf-8", errors="replace")
    return None, f"the suite ended with {code} before it made a report: {refusal(text)}"


@contextmanager
def _watched(reader: ProgressReader, name: str) -> Iterator[None]:
    """Show how far the suite is, as it writes."""
    ended = threading.Event()

    def watch() -> None:
        shown, unit = 0, f"{name}, percent of its cases"
        with progress(**{unit: 100}) as done:
            while not ended.wait(WATCH_SECONDS):
                found = reader.update()
                reached = 100 * found.done // found.total if found.total else 0
                for _ in range(reached - shown):
                    done(unit)
                shown = max(shown, reached)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
