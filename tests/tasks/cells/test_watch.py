"""The state of the cells of a run, from the files that nox and the cells write."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.matrix import CLUSTERS, GATE, read
from conformance.runner.progress import ProgressWriter
from tasks.cells.orchestrate import session_names
from tasks.cells.watch import NOX_LOG, PROGRESS, Watch
from tasks.cells.wording import in_words

CELLS = read().cells(GATE)[:4]
FIRST, SECOND, *_ = (cell.name for cell in CELLS)


class Run:
    """A run whose nox and cells only write what a test says; time passes where it says so."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 1.0
        self.watch = Watch(CELLS, session_names(CELLS), folder, lambda: self.now)

    def nox(self, *lines: str) -> None:
        """Add lines to nox's output, and look."""
        with (self.folder / NOX_LOG).open("a", encoding="utf-8") as stream:
            stream.writelines(f"{line}\n" for line in lines)
        self.watch.update()

    def start(self, *cells: str) -> None:
        self.nox(*(f"Starting session cell({cell})..." for cell in cells))

    def end(self, cell: str, result: str = "success", *output: str) -> None:
        self.nox(f"========== ✓ cell({cell}): {result}, 3 seconds ==========", *output)

    def progress(self, cell: str) -> ProgressWriter:
        """Return a writer that a cell would have."""
        return ProgressWriter(self.folder / f"{cell}{PROGRESS}")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def states(run: Run) -> tuple[int, int, int]:
    return len(run.watch.ended), len(run.watch.running), len(run.watch.to_come)


def test_cells_start_and_end(run: Run) -> None:
    run.watch.update()
    assert states(run) == (0, 0, 4)
    run.start(FIRST, SECOND)
    assert states(run) == (0, 2, 2)
    run.now += 7
    run.end(SECOND)
    assert states(run) == (1, 1, 2)
    assert [(state.name, state.seconds) for state in run.watch.ended] == [(SECOND, 7.0)]


def test_the_output_of_a_session_comes_after_its_end(run: Run) -> None:
    """A nox that runs sessions side by side shows the output of each when it has ended."""
    run.start(FIRST)
    run.end(
        FIRST,
        "failed",
        f"nox > Running session cell({FIRST})",
        "nox > uv pip install x",
        "no such package",
        f"nox > Session cell({FIRST}) failed.",
    )
    assert states(run) == (1, 0, 3)
    (state,) = run.watch.ended
    assert state.result == "failed"
    assert list(state.output) == ["nox > uv pip install x", "no such package"]


def test_one_session_at_a_time_is_reported_in_other_words(run: Run) -> None:
    run.nox(f"\x1b[36mnox > \x1b[32mRunning session cell({FIRST})\x1b[0m")
    assert states(run) == (0, 1, 3)
    run.nox(f"nox > Session cell({FIRST}) was successful in 3 seconds.")
    run.nox(f"nox > Running session cell({SECOND})", f"nox > Session cell({SECOND}) failed.")
    assert [state.result for state in run.watch.ended] == ["success", "failed"]


def test_a_missing_interpreter(run: Run) -> None:
    line = "skipped: Python interpreter 3.14 not found (took a second)."
    run.end(FIRST, "skipped", f"nox > Session cell({FIRST}) {line}")
    (state,) = run.watch.ended
    assert state.skipped
    assert state.reason == "Python interpreter 3.14 not found"


def test_what_is_no_cell_of_the_run_is_left_out(run: Run) -> None:
    run.start("other")
    run.end("other")
    run.nox("Ran 4 sessions in 5 minutes:", "* cell(other): success")
    assert states(run) == (0, 0, 4)


def test_names_of_cells_on_clusters_and_of_candidates() -> None:
    (cell, *_) = read().cells(CLUSTERS)
    (candidate, *_) = read().candidates("datafusion==55.0.0")
    names = session_names([cell, candidate])
    assert names[f"cluster({cell.name})"] == cell.name
    assert names[f"candidate-{candidate.python}"] == candidate.name


def test_progress_and_failures_of_running_cells(run: Run) -> None:
    run.start(FIRST, SECOND)
    one, other = run.progress(FIRST), run.progress(SECOND)
    one.expect(5)
    other.expect(5)
    other.begin("STRICT")
    other.count()
    other.fail("STRICT-01", "strict/x", "it ran")
    run.watch.update()
    first, second = run.watch.running
    assert (first.progress.total, first.progress.done) == (5, 0)
    assert (second.progress.done, second.progress.chapter) == (1, "STRICT")
    one.fail("STRICT-02", "strict/y", "it ran")
    run.end(FIRST)  # what it wrote before its end counts
    assert [(cell, one.clause) for cell, one in run.watch.failures] == [
        (SECOND, "STRICT-01"),
        (FIRST, "STRICT-02"),
    ]


def full(run: Run, cell: str, seconds: float) -> None:
    """Let a cell run to its end."""
    run.start(cell)
    run.progress(cell).end()
    run.now += seconds
    run.end(cell)


def test_nobody_knows_the_time_left_before_a_cell_has_ended(run: Run) -> None:
    run.start(FIRST, SECOND)
    assert run.watch.seconds_left() is None


def test_the_time_left_follows_from_the_cells_that_have_ended(run: Run) -> None:
    full(run, FIRST, 100)
    run.start(SECOND)
    run.now += 40
    assert run.watch.seconds_left() == 60 + 2 * 100


def test_cells_that_run_at_once_share_the_time_left(run: Run) -> None:
    full(run, FIRST, 100)
    run.start(*(cell.name for cell in CELLS[1:]))
    run.now += 10
    assert run.watch.seconds_left() == 90


def test_a_cell_that_takes_longer_is_measured_by_its_own_cases(run: Run) -> None:
    full(run, FIRST, 100)
    run.start(*(cell.name for cell in CELLS[1:]))
    run.now += 500
    assert run.watch.seconds_left() == 0
    writer = run.progress(SECOND)
    writer.expect(4)
    for _ in range(2):
        writer.count()
    writer.end()
    run.watch.update()
    assert run.watch.seconds_left() == 500


def test_a_cell_that_did_not_run_says_nothing_about_time(run: Run) -> None:
    run.start(FIRST)
    run.end(FIRST, "skipped")
    run.start(SECOND)
    assert run.watch.seconds_left() is None


def test_the_last_cells_are_measured_by_their_own_cases(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.watch = Watch(CELLS[:1], session_names(CELLS), tmp_path, lambda: run.now)
    run.start(FIRST)
    writer = run.progress(FIRST)
    writer.expect(4)
    run.now += 30
    run.watch.update()
    assert run.watch.seconds_left() is None
    writer.count()
    run.watch.update()
    assert run.watch.seconds_left() == 90


@pytest.mark.parametrize(
    ("seconds", "text"), [(7.2, "7 s"), (99, "99 s"), (200, "3 min"), (4000, "1 h 7 min")]
)
def test_durations_in_words(seconds: float, text: str) -> None:
    assert in_words(seconds) == text
