"""Group failures by their cause, so that a thousand of one cause read as one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

from conformance.report.model import FAILED, FIXED, Outcome
from conformance.report.sentences import format_clauses
from conformance.spec import CLAUSES
from conformance.util.kinds import Kind

FEW = 20
"""Up to so many failures are printed one by one, and in no groups."""

OF_ERRORS: Collection[Kind] = (
    *("unexpected-error", "wrong-error-kind", "programming-error", "message-lacks"),
    *("panic", "case-error", "protocol", "environment"),
)
"""The kinds of failure that show an error. A value, a crash or a hang does not name its cause."""

LINES = 6
"""The lines of a group at most, as ``lines`` yields them, without the empty one."""

_WIDTH = 100
_PROGRAM = "the program "
"""How the message begins of a program behind stdin and stdout that ended, or replied an error."""

_BEFORE = 30
"""The characters of a long line before the first one that differs."""

Evidence = Mapping[str, Mapping[str, str]]
"""What each case ``expected`` and has ``seen``."""


@dataclass
class Group:
    """Failures of one kind in one place, or of one error in several clauses.

    ``cases`` are the failures in the order of the spec. ``expected`` and ``seen`` are lines of the
    first one: of two texts those that differ first.
    """

    kind: str
    expected: str
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


def group(outcomes: Iterable[Outcome], evidence: Evidence) -> list[Group]:
    """Return the groups of all failures among ``outcomes``, that of the most basic clause first.

    Failures that show an error are alike if the kind and the first line of the error are the same,
    whatever their clause; so are the ends of a program with one exit code. Others are alike if
    clause, kind and function of the case are the same: the values that they show differ from case
    to case. What an environment lacks comes last: it
    says nothing about a clause, and may be the consequence of the others.
    """
    order = {clause: number for number, clause in enumerate(CLAUSES)}
    failed = [outcome for outcome in outcomes if outcome.outcome in (*FAILED, FIXED)]
    failed.sort(key=lambda one: (one.kind == "environment", order.get(one.clause, len(order))))
    found: dict[tuple[str, ...], Group] = {}
    for outcome in failed:
        shown = evidence.get(outcome.case, {})
        expected, seen = shown.get("expected", ""), shown.get("seen", "")
        place = _place(outcome, _first_line(seen), _first_line(outcome.message))
        new = Group(outcome.kind, *_first_that_differ(expected, seen or outcome.message))
        found.setdefault((outcome.kind, *place), new).cases.append(outcome)
    return list(found.values())


def _place(outcome: Outcome, error: str, message: str) -> tuple[str, ...]:
    """Return what the failures of one group have in common, besides their kind."""
    of_program = message.startswith(_PROGRAM)
    if outcome.outcome == FIXED:
        return "", outcome.divergence
    if of_program and outcome.kind == "crash":
        return "", message.partition(" (")[0], _without_details(error)
    if outcome.kind in OF_ERRORS:
        by_message = of_program or not error or outcome.kind in ("protocol", "environment")
        return "", _without_details(message if by_message else error)
    return outcome.clause, outcome.case.partition("[")[0]


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
    parts = {"failure": _first_line(one.first.message), "expected": one.expected, "seen": one.seen}
    for name, text in parts.items():
        if text and (name == "failure" or text != parts["failure"]):
            yield f"  {name:<10} {_shorten(text, 2 * _WIDTH if name == 'failure' else _WIDTH)}"
    meaning = f"; {clause.id}, {clause.severity}: {clause.title}" if clause else ""
    yield f"  example    {_shorten(one.first.case)}{meaning}"
    yield f"reproduce  {command}" if command else "  reproduce  no command is known"


def _first_that_differ(expected: str, seen: str) -> tuple[str, str]:
    """Return the first lines that differ, of long ones the part at the first difference.

    Of ``seen`` alone, as where an error was not expected, it is the first line that is not empty.
    """
    if not expected:
        return "", _first_line(seen)
    pairs = zip_longest(expected.splitlines(), seen.splitlines(), fillvalue="")
    one, other = next((pair for pair in pairs if pair[0] != pair[1]), (expected, seen))
    at = next((n for n, pair in enumerate(zip_longest(one, other)) if len({*pair}) > 1), 0)
    start = at - _BEFORE
    if start < _BEFORE:
        return one.strip(), other.strip()
    return f"…{one[start:]}", f"…{other[start:]}"


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "").strip()


def _without_details(line: str) -> str:
    """Return a line without what differs from case to case: quoted texts and numbers."""
    line = re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", "'…'", line)
    return re.sub(r"\b0x[0-9a-fA-F]+|\d[\d,]*", "…", line)


def _shorten(text: str, width: int = _WIDTH) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
