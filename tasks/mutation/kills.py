"""Which case noticed which fault."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.spec import CLAUSES, DIVERGENCES
from conformance.util.versions import with_platform
from tasks.faults import Fault
from tasks.mutation.cases import Case
from tasks.mutation.forks import CASE_TIMEOUT, End, Run, hold

HANG = 4.0
"""Seconds after which a case hangs, where a fault is meant to make it."""

NO_NOTICE = ("case-error", "environment", "inconclusive", "unexpected-pass")
"""The kinds of failure that say nothing about the clause: they are no notice of a fault."""

BLUNDERS = ("AttributeError", "ImportError", "ModuleNotFoundError", "NameError", "TypeError")
"""What a fault raises that is itself wrong, and would be noticed by anything."""


@dataclass
class Killed:
    """The outcome of one fault.

    ``by`` is, for each clause, the first case that noticed, ``cases`` are all of those
    that ran, without their parameters; ``survived`` are
    those of its clauses that it broke unnoticed, ``others`` the clauses of which it
    says nothing and that noticed all the same, ``idle`` those that nothing here can show.
    """

    fault: Fault
    by: Mapping[str, End] = field(default_factory=dict)
    cases: frozenset[str] = frozenset()
    survived: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    wrong: str = ""
    """Why the fault is no proof at all."""

    @property
    def ok(self) -> bool:
        return not (self.survived or self.others or self.wrong)


def kill(
    faults: Sequence[Fault], cases: Sequence[Case], *, whole: bool = False, jobs: int = 0
) -> Iterator[Killed]:
    """Run each fault against the cases of its clauses, until one of each notices.

    ``whole`` runs every case of their chapters: then no other clause of them may notice.
    One that survives is held to its whole chapters in any case, to tell who did notice.
    """
    by_name = {fault.name: fault for fault in faults}
    again = []
    for run in hold([_run(fault, cases, whole) for fault in faults], jobs):
        told = _judged(by_name[run.name], run)
        if told.survived and not whole:
            again.append(told.fault)
        else:
            yield told
    for run in hold([_run(fault, cases, True) for fault in again], jobs):
        yield _judged(by_name[run.name], run)


def _run(fault: Fault, cases: Sequence[Case], whole: bool) -> Run:
    chapters = fault.chapters
    chosen = [
        case
        for case in cases
        if case.clause in fault.breaks or (whole and CLAUSES[case.clause].chapter in chapters)
    ]
    # Where the released engine hangs by itself, it costs seconds to see whether a fault does not.
    chosen.sort(key=_hangs)

    def enough(run: Run, case: Case) -> bool:
        mine = [end for end in run.ends if end.case.clause == case.clause]
        return not whole and any(_notices(fault, run, end) for end in mine)

    return Run(
        fault.name,
        fault.spec,
        chosen,
        deadline=HANG if fault.outcome == "hang" else CASE_TIMEOUT,
        alone=not whole,
        enough=enough,
    )


def _hangs(case: Case) -> bool:
    return any(entry.kind == "hang" and entry.covers(case.id) for entry in DIVERGENCES.values())


def _notices(fault: Fault, run: Run, end: End) -> bool:
    """Return whether the fault changed how the case ended.

    It must have ended in the way that the fault names, and with a failure that is
    about the clause.
    """
    if end.failure is None or end.failure.kind in NO_NOTICE:
        return False
    return end.outcome == fault.outcome and not is_known(run, end)


def is_known(run: Run, end: End) -> bool:
    """Return whether the released engine is known to fail there, with these words."""
    if run.opened is None or run.opened.name != "datafusion" or end.failure is None:
        return False
    cell = with_platform(run.opened.versions or {})
    return any(
        entry.clause == end.case.clause
        and entry.shows_in(end.failure.kind, end.failure.seen)
        and entry.covers(end.case.id)
        and entry.in_cell(cell)
        for entry in DIVERGENCES.values()
    )


def _judged(fault: Fault, run: Run) -> Killed:
    if run.broken:
        return Killed(fault, wrong=run.broken)
    assert run.opened is not None
    by: dict[str, End] = {}
    noticing = [end for end in run.ends if _notices(fault, run, end)]
    for end in noticing:
        by.setdefault(end.case.clause, end)
    shown = {case.clause for case in run.cases if case.applies_to(run.opened)}
    blunder = None if fault.raises_bug else next(filter(None, map(_blunder, by.values())), None)
    wrong = f"it raises a bug: {blunder}" if blunder else ""
    for failure in (end.failure for end in run.ends if end.failure):
        if failure.kind == "environment":
            wrong = failure.message
    return Killed(
        fault,
        by,
        cases=frozenset(end.case.test for end in noticing),
        survived=tuple(id_ for id_ in fault.breaks if id_ in shown and id_ not in by),
        others=tuple(id_ for id_ in by if id_ not in fault.breaks),
        idle=tuple(id_ for id_ in fault.breaks if id_ not in shown),
        wrong=wrong,
    )


def _blunder(end: End) -> str | None:
    """Return the error that the fault itself raised because it is written wrong."""
    if end.failure is None or not end.failure.seen.startswith(BLUNDERS):
        return None
    (*_, last) = re.findall(r'File "([^"]*)"', end.failure.traceback) or [""]
    return end.failure.message if "tasks/faults/" in last else None
