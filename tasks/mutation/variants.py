"""Runs of all cases on subjects that break no clause: what is red depends on unpromised bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.spec import CLAUSES
from tasks.mutation.cases import Case
from tasks.mutation.forks import End, Run, hold
from tasks.mutation.soak import DEADLINE, red
from tasks.variants import Variant


@dataclass(frozen=True)
class Judged:
    """One variant, the number of cases that ran on it, and those that ended otherwise."""

    variant: Variant
    cases: int
    red: Sequence[End]
    broken: str


def judge(variants: Sequence[Variant], cases: Sequence[Case], jobs: int = 0) -> Iterator[Judged]:
    """Run the cases on each variant."""
    by_name = {one.name: one for one in variants}
    runs = [
        Run(
            one.name,
            one.spec,
            [case for case in cases if CLAUSES[case.clause].chapter not in one.leaves_out],
            deadline=DEADLINE,
            alone=False,
        )
        for one in variants
    ]
    for run in hold(runs, jobs):
        yield Judged(by_name[run.name], len(run.ends), red(run), run.broken)
        run.ends.clear()
