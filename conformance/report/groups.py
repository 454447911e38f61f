"""Group failures by their cause, so that a thousand of one cause read as one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from conformance.report.model import FAILED, FIXED, Outcome
from conformance.report.sentences import format_clauses
from conformance.spec import CLAUSES
from conformance.util.kinds import Kind

FEW = 20
"""Up to so many failures are printed one by one, and in no groups."""

OF_ERRORS: Collection[Kind] = (
    *("unexpected-error", "wrong-error-kind", "programming-error", "message-lacks"),
    *("panic", "case-error"),
)
"""The kinds of failure that show an error. A value, a crash or a hang does not name its cause."""

LINES = 4
"""The lines of a group, as ``lines`` yields them, without the empty one."""

_WIDTH = 100


@dataclass
class Group:
    """Failures of one kind in one place, or of one error in several clauses.

    ``cases`` are the failures in the order of the spec.
    """

    kind: str
    seen: str
    cases: list[Outcome] = field(default_factory=list)

    @property
    def first(self) -> Outcome:
        """The failure of the most basic clause."""
        return self.cases[0]

    @property
    def clauses(self) -> list[str]:
        """The clauses that fail, in the order of the spec."""
        return list(dict.fromkeys(case.clause for case in self.cases if case.clause))


def group(outcomes: Iterable[Outcome], seen: Mapping[str, str]) -> list[Group]:
    """Return the groups of all failures among ``outcomes``, that of the most basic clause first.

    Failures that show an error are alike if the kind and the first line of the error are the same,
    whatever their clause. Others are alike if clause, kind and function of the case are the same:
    the values that they show differ from case to case. ``seen`` is what each case saw.
    """
    order = {clause: number for number, clause in enumerate(CLAUSES)}
    failed = [outcome for outcome in outcomes if outcome.outcome in (*FAILED, FIXED)]
    failed.sort(key=lambda outcome: order.get(outcome.clause, len(order)))
    found: dict[tuple[str, ...], Group] = {}
    for outcome in failed:
        line = _first_line(seen.get(outcome.case, "")) or _first_line(outcome.message)
        if outcome.kind in OF_ERRORS:
            place = ("", _without_details(line))
        elif outcome.outcome == FIXED:
            place = ("", outcome.divergence)
        else:
            place = (outcome.clause, outcome.case.partition("[")[0])
        found.setdefault((outcome.kind, *place), Group(outcome.kind, line)).cases.append(outcome)
    return list(found.values())


def lines(groups: list[Group], commands: Mapping[str, str], height: int) -> Iterator[str]:
    """Yield the text of the groups that fit into ``height`` lines, and what is left out.

    ``commands`` run a case again.
    """
    shown = max(1, (height - 2) // (LINES + 1))
    for one in groups[:shown]:
        yield from _describe(one, commands.get(one.first.case, ""))
        yield ""
    if rest := groups[shown:]:
        number = sum(len(one.cases) for one in rest)
        clauses = {clause for one in rest for clause in one.clauses}
        yield f"{_count(number, 'failure')} of {_count(len(rest), 'more cause')} in " + _shorten(
            format_clauses([clause for clause in CLAUSES if clause in clauses])
        )


def _describe(one: Group, command: str) -> Iterator[str]:
    clause = CLAUSES.get(one.first.clause)
    more = "" if len(one.clauses) < 2 else f" in {len(one.clauses)} clauses"
    listed = _shorten(format_clauses(one.clauses)) or "no clause"
    yield f"{_count(len(one.cases), 'failure')} ({one.kind}){more}: {listed}"
    yield f"  seen       {_shorten(one.seen)}"
    meaning = f"; {clause.id}, {clause.severity}: {clause.title}" if clause else ""
    yield f"  example    {_shorten(one.first.case)}{meaning}"
    yield f"reproduce  {command}" if command else "  reproduce  no command is known"


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "").strip()


def _without_details(line: str) -> str:
    """Return a line without what differs from case to case: quoted texts and numbers."""
    line = re.sub(r"'[^']*'|\"[^\"]*\"", "'…'", line)
    return re.sub(r"\b0x[0-9a-fA-F]+|\d+", "…", line)


def _shorten(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
