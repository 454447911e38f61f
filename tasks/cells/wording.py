"""The words of a run's display: the headline, where a cell is, how it ended."""

from __future__ import annotations

from conformance.runner.progress import CaseFailure
from conformance.spec import CLAUSES
from tasks.cells.watch import CellState, Watch


def headline(watch: Watch) -> str:
    """Return how many cells are done, running and to come, the failures, and the time left."""
    done = [state for state in watch.ended if not state.skipped]
    parts = [
        f"{len(done)} of {len(watch.states)} cells done",
        f"{len(watch.running)} running",
        f"{len(watch.to_come)} to come",
    ]
    if skipped := len(watch.ended) - len(done):
        parts.append(f"{skipped} not run")
    parts.append(failed(len(watch.failures)))
    return ", ".join([*parts, *time_left(watch)])


def time_left(watch: Watch) -> list[str]:
    """Return the time left, as a part of a sentence; empty where nobody knows it."""
    left = watch.seconds_left()
    if left is None:
        return []
    tens = 10 * round(left / 10)
    return [f"about {in_words(tens)} left" if tens else "nearly done"]


def place(state: CellState) -> str:
    """Return where a running cell is: its chapter, or what comes before and after the cases."""
    progress = state.progress
    if progress.ended:
        return "closing"
    if progress.chapter:
        return progress.chapter
    return "collecting" if progress.total else "installing"


def ending(state: CellState) -> str:
    """Return how a cell ended, in one line."""
    progress = state.progress
    if state.skipped:
        return f"{state.name}: not run, {(state.reason or 'skipped').rstrip('.')}"
    if state.explained:
        what = f"{progress.done} cases, {failed(len(progress.failures))}"
        return f"{state.name}: done in {in_words(state.seconds)}, {what}"
    what = "no case ran"
    if progress.total:
        what = f"{progress.done} of {progress.total} cases ran, {failed(len(progress.failures))}"
    return f"{state.name}: FAILED after {in_words(state.seconds)}, {what}"


def count(state: CellState) -> str:
    """Return how many cases of a cell have run and failed, as a part of a line."""
    progress = state.progress
    if not progress.total:
        return ""
    return f", {progress.done} of {progress.total} cases, {failed(len(progress.failures))}"


def failed(number: int) -> str:
    """Return how many cases failed."""
    return f"{number or 'no'} case{'s' if number > 1 else ''} failed"


def title(failure: CaseFailure) -> str:
    """Return the clause of a failure with its title."""
    known = CLAUSES.get(failure.clause)
    return f"{failure.clause} {known.title if known else failure.message}"


def in_words(seconds: float) -> str:
    """Return a duration for people: seconds below two minutes, then minutes, then hours."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
