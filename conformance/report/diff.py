"""The changes between two runs: the verdict on each clause of each cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from conformance.report.model import ReportError
from conformance.report.recorded import Recorded, RecordedCell, State
from conformance.spec import RETIRED

Direction = Literal["worse", "better", "new", "gone"]
DIRECTIONS: Sequence[Direction] = ("worse", "gone", "better", "new")

RANKS = {"pass": 0, "fixed": 0, "warning": 1, "divergence": 1, "fail": 2}
"""How bad a verdict is; one that is fixed in part is as bad as the divergence that still shows."""


@dataclass(frozen=True)
class Change:
    """A clause whose verdict, or kind of failure, is another one in some cells.

    ``new`` and ``gone`` are clauses that only one of the runs judged. ``why`` says why a clause
    is gone, then it is no loss; or that another number of cases fails. The clause is ``""`` where a
    process died between two cases.
    """

    direction: Direction
    clause: str
    old: State | None
    new: State | None
    cells: tuple[str, ...]
    why: str = ""

    @property
    def is_worse(self) -> bool:
        """Return whether the second run is worse here, or judged less without a reason."""
        return self.direction == "worse" or (self.direction == "gone" and not self.why)


@dataclass(frozen=True)
class Diff:
    """The changes between two runs, and the cells that only one of them has.

    ``pairs`` are the compared cells, with their names in the first and in the second run. Of
    ``gone`` cells the value is why they have no report; empty where nobody gave a reason. ``stale``
    are the known divergences of a cell that no case shows any more, ``fewer`` the clauses of a
    cell that fewer cases judged, each with both numbers. ``versions`` are those of a cell that the
    two runs do not share, each with both; empty for none.
    """

    pairs: Mapping[str, str]
    changes: Sequence[Change]
    gone: Mapping[str, str]
    new: Sequence[str]
    incomplete: Mapping[str, str]
    stale: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fewer: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)
    versions: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)

    @property
    def worse(self) -> bool:
        """Return whether anything got worse."""
        lost = any(not why for why in self.gone.values()) or self.incomplete or self.stale
        return bool(lost) or any(change.is_worse for change in self.changes)

    def of(self, direction: Direction) -> list[Change]:
        """Return the changes of a direction."""
        return [change for change in self.changes if change.direction == direction]


def compare(old: Recorded, new: Recorded) -> Diff:
    """Return what changed from ``old`` to ``new``; raise ``ReportError`` if they do not compare."""
    pairs = _pairs(old, new)
    found: dict[tuple[Direction, str, State | None, State | None, str], list[str]] = {}
    for one, other in pairs.items():
        _check(old.cells[one], new.cells[other])
        for change in _changes(old.cells[one].states, new.cells[other].states):
            key = (change.direction, change.clause, change.old, change.new, change.why)
            found.setdefault(key, []).append(other)
    return Diff(
        pairs,
        [
            Change(direction, clause, before, after, tuple(cells), why)
            for (direction, clause, before, after, why), cells in found.items()
        ],
        {name: new.missing.get(name, "") for name in old.cells if name not in pairs},
        [name for name in new.cells if name not in pairs.values()],
        {name: cell.incomplete for name, cell in new.cells.items() if cell.incomplete},
        _stale(old, new, pairs),
        _fewer(old, new, pairs),
        _versions(old, new, pairs),
    )


def _stale(old: Recorded, new: Recorded, pairs: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found = {
        other: tuple(name for name in new.cells[other].stale if name not in old.cells[one].stale)
        for one, other in pairs.items()
    }
    return {name: stale for name, stale in found.items() if stale}


def _fewer(
    old: Recorded, new: Recorded, pairs: Mapping[str, str]
) -> dict[str, dict[str, tuple[int, int]]]:
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for one, other in pairs.items():
        states = new.cells[other].states
        for clause, state in old.cells[one].states.items():
            if clause and clause in states and states[clause].cases < state.cases:
                found.setdefault(other, {})[clause] = (state.cases, states[clause].cases)
    return found


def _versions(
    old: Recorded, new: Recorded, pairs: Mapping[str, str]
) -> dict[str, dict[str, tuple[str, str]]]:
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for one, other in pairs.items():
        before, after = old.cells[one].versions, new.cells[other].versions
        for name in dict.fromkeys([*before, *after]):
            if before.get(name) != after.get(name):
                both = before.get(name, ""), after.get(name, "")
                found.setdefault(other, {})[name] = both
    return found


def _pairs(old: Recorded, new: Recorded) -> dict[str, str]:
    for which, recorded in (("first", old), ("second", new)):
        if not recorded.cells:
            raise ReportError(f"the {which} run has no report")
    both = {name: name for name in old.cells if name in new.cells}
    if not both and len(old.cells) == len(new.cells) == 1:
        return dict(zip(old.cells, new.cells, strict=True))
    if not both:
        raise ReportError(
            "expected cells of the same name, or one cell each; found "
            f"{', '.join(old.cells)} and {', '.join(new.cells)}"
        )
    return both


def _check(old: RecordedCell, new: RecordedCell) -> None:
    for what, one, other in (
        ("subject", old.subject, new.subject),
        ("profile", old.profile or "both", new.profile or "both"),
        ("chapters", ", ".join(sorted(old.chapters)), ", ".join(sorted(new.chapters))),
    ):
        if one != other:
            raise ReportError(
                f"{new.path}: expected the {what} of {old.path}, {one or 'all'}; "
                f"found {other or 'all'}"
            )
    if old.incomplete:
        raise ReportError(
            f"{old.path}: expected a complete run to compare with; found {old.incomplete}"
        )


def _changes(old: Mapping[str, State], new: Mapping[str, State]) -> Iterator[Change]:
    died = State("pass")  # where no process died between two cases
    for clause in dict.fromkeys([*old, *new]):
        default = None if clause else died
        one, other = old.get(clause, default), new.get(clause, default)
        if one is None:
            yield Change("new", clause, None, other, ())
        elif other is None:
            yield Change("gone", clause, one, None, (), _retired(clause))
        elif one != other or one.failing != other.failing:
            yield Change(_direction(one, other), clause, one, other, (), _failing(one, other))


def _direction(old: State, new: State) -> Direction:
    """Return where a changed verdict went; at the same rank, whether it breaks in a new way."""
    before, after = _badness(old), _badness(new)
    if before != after:
        return "worse" if after > before else "better"
    more = {*new.kinds} - {*old.kinds} or {*new.known} - {*old.known}
    return "worse" if more or new.failing > old.failing else "better"


def _failing(old: State, new: State) -> str:
    """Return the numbers of failing cases, where both runs have some and they differ."""
    if not old.failing or not new.failing or old.failing == new.failing:
        return ""
    return f"{old.failing} → {new.failing} cases fail"


def _badness(state: State) -> int:
    in_part = state.verdict == "fixed" and state.known
    return RANKS["divergence" if in_part else state.verdict]


def _retired(clause: str) -> str:
    if clause not in RETIRED:
        return ""
    replaced = ", ".join(RETIRED[clause].replaced_by)
    return f"retired, replaced by {replaced}" if replaced else "retired"
