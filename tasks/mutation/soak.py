"""Runs without a fault, in random order: how often the suite is red for no reason."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tasks.mutation.cases import Case
from tasks.mutation.forks import End, Run, hold
from tasks.mutation.kills import is_known

DEADLINE = 30.0
"""Seconds that a case has, unless it names its own deadline."""


@dataclass(frozen=True)
class Soaked:
    """One run: ``seed`` gives its order again; ``red`` are the cases that were not as known."""

    seed: int
    cases: int
    red: Sequence[End]
    broken: str


def soak(spec: str, cases: Sequence[Case], runs: int, seed: int, jobs: int = 0) -> Iterator[Soaked]:
    """Run all cases ``runs`` times, each time in another order, on a subject without a fault."""
    for run in hold([_run(spec, cases, seed + number) for number in range(runs)], jobs):
        yield Soaked(int(run.name), len(run.ends), red(run), run.broken)
        run.ends.clear()


def red(run: Run) -> list[End]:
    """Return the cases of a run that failed otherwise than the released engine is known to."""
    return [end for end in run.ends if end.failure is not None and not is_known(run, end)]


def _run(spec: str, cases: Sequence[Case], seed: int) -> Run:
    order = list(cases)
    random.Random(seed).shuffle(order)
    return Run(str(seed), spec, order, deadline=DEADLINE, alone=False)
