"""Measure what the chapters of each kind of cell cost, in CPU seconds of all their processes."""

from __future__ import annotations

import resource
import sys

from conformance.matrix import GATE, WRITER, Cell, read
from conformance.spec import CHAPTERS
from tasks.bench.suite import PYTEST, run_seconds


def _kinds() -> dict[str, Cell]:
    """Return a cell of each kind; all run here, on the versions of this environment."""
    table = read()
    cells = [cell for cell in table.cells(GATE) if not cell.optional]
    writers = [cell for cell in cells if WRITER in cell.tags]
    newest, *older = reversed(table.engines)
    oldest, between = table.pythons[0].version, table.pythons[1].version
    of = {(one.python, one.version): one for one in writers}
    return {
        "the newest versions": writers[-1],
        "the oldest Python": of[oldest, newest],
        "the oldest Python and an older engine": of[oldest, older[0]],
        "a Python between": of[between, newest],
        "a Python between and an older engine": of[between, older[0]],
        "the oldest libraries": next(cell for cell in cells if WRITER not in cell.tags),
    }


def _run(cell: Cell) -> tuple[float, float]:
    """Return the CPU seconds and the seconds of the cell's chapters."""
    chapters = [f"--chapter={one}" for one in CHAPTERS if one not in cell.without]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = run_seconds(*PYTEST, "-p", "no:hypothesispytest", *chapters, PYTHONHASHSEED="0")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, seconds


BOUNDS: dict[str, tuple[float, float]] = {
    "the newest versions": (80.0, 70.0),
    "the oldest Python": (45.0, 40.0),
    "the oldest Python and an older engine": (32.0, 32.0),
    "a Python between": (40.0, 35.0),
    "a Python between and an older engine": (25.0, 25.0),
    "the oldest libraries": (18.0, 20.0),
}
"""What a cell costs at most, in ``UNITS``, on an idle machine with two cores."""

UNITS = ("CPU seconds", "seconds")


def main() -> int:
    """Print two lines per kind of cell; return 1 if one is over its bound."""
    over = 0
    for kind, cell in _kinds().items():
        for seen, bound, what in zip(
            _run(cell), BOUNDS[kind], ("CPU seconds", "seconds"), strict=True
        ):
            over |= seen > bound
            verdict = "over" if seen > bound else "ok"
            print(
                f"{seen:6.1f}  of at most {bound:.0f}  {verdict:4}  {what} of a cell with {kind}",
                flush=True,
            )
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
