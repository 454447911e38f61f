"""The verdict on a mutant: cases run in forks, in three steps, until the first kill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from conformance.spec import DIVERGENCES
from tasks.mutants.subject import spec
from tasks.mutants.targets import Target
from tasks.mutation.cases import Case
from tasks.mutation.forks import End, Run, hold
from tasks.mutation.kills import is_known

STEPS: Sequence[Callable[[Target], Sequence[Case]]] = (
    lambda target: target.first,
    lambda target: target.others,
    lambda target: target.late,
)


@dataclass(frozen=True)
class Verdict:
    """The end of one mutant: killed ``by`` a case, or ``broken`` before any case."""

    target: Target
    by: End | None = None
    broken: str = ""
    cases: int = 0

    @property
    def killed(self) -> bool:
        return self.by is not None or bool(self.broken)


def judge(targets: Sequence[Target], *, quick: bool = False, jobs: int = 0) -> Iterator[Verdict]:
    """Run each mutant until a case notices it. ``quick`` stops after the first step."""
    steps = STEPS[:1] if quick else STEPS
    left, counts = list(targets), dict.fromkeys((one.name for one in targets), 0)
    for number, step in enumerate(steps):
        later = steps[number + 1 :]
        by_name = {one.name: one for one in left if step(one)}
        left = [one for one in left if any(after(one) for after in later)]
        for run in hold([_run(one, step(one)) for one in by_name.values()], jobs):
            counts[run.name] += len(run.ends)
            verdict = _judged(by_name[run.name], run, counts[run.name])
            run.ends.clear()
            if verdict.killed:
                left = [one for one in left if one is not verdict.target]
            if verdict.killed or verdict.target not in left:
                yield verdict
        if number == 0:
            yield from (Verdict(one) for one in targets if not any(every(one) for every in steps))


def _run(target: Target, cases: Sequence[Case]) -> Run:
    return Run(
        target.name, spec(target.name), [c for c in cases if not _ends_badly(c)], enough=_is_killed
    )


def _is_killed(run: Run, _case: Case) -> bool:
    return bool(run.ends) and notices(run, run.ends[-1])


@cache
def _ends_badly(case: Case) -> bool:
    """Return whether the released engine itself hangs or crashes there: it costs a fork each."""
    return any(
        entry.kind in ("hang", "crash") and entry.covers(case.id) for entry in DIVERGENCES.values()
    )


def notices(run: Run, end: End) -> bool:
    """Return whether the case ended otherwise than it does on the engine."""
    if end.failure is None or end.failure.kind == "environment":
        return False
    return not is_known(run, end)


def _judged(target: Target, run: Run, cases: int) -> Verdict:
    by = next((end for end in run.ends if notices(run, end)), None)
    return Verdict(target, by, "" if by else run.broken, cases)
