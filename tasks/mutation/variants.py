"""Runs of all cases on subjects that break no clause: what is red depends on unpromised bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tasks.mutation.cases import Case
from tasks.mutation.forks import End, Run, hold
from tasks.mutation.soak import DEADLINE, red


@dataclass(frozen=True)
class Judged:
    """One variant, the number of cases that ran on it, and those that ended otherwise."""

    name: str
    cases: int
    red: Sequence[End]
    broken: str


def judge(variants: Mapping[str, str], cases: Sequence[Case], jobs: int = 0) -> Iterator[Judged]:
    """Run the cases on each variant; ``variants`` are specs by name."""
    runs = [
        Run(name, spec, list(cases), deadline=DEADLINE, alone=False)
        for name, spec in variants.items()
    ]
    for run in hold(runs, jobs):
        yield Judged(run.name, len(run.ends), red(run), run.broken)
        run.ends.clear()
