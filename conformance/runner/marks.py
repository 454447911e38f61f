"""The markers of a case. pytest searches all nodes above at each look-up; here it searches once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

_MARKS = pytest.StashKey[Mapping[str, Sequence[pytest.Mark]]]()


def marks_of(item: pytest.Item, name: str) -> Sequence[pytest.Mark]:
    """Return the markers of an item with this name, the closest first."""
    if _MARKS not in item.stash:
        found: dict[str, list[pytest.Mark]] = {}
        for marker in item.iter_markers():
            found.setdefault(marker.name, []).append(marker)
        item.stash[_MARKS] = found
    return item.stash[_MARKS].get(name, ())


def clause_of(item: pytest.Item) -> str | None:
    """Return the clause that an item shows, or ``""`` if its marker names none.

    The result is ``None`` for an item that is not a case.
    """
    marks = marks_of(item, "clause")
    return str(marks[0].args[0] if marks[0].args else "") if marks else None


def needs_of(item: pytest.Item) -> set[str]:
    """Return the capabilities that an item needs in addition to those of its clause."""
    return {name for marker in marks_of(item, "needs") for name in marker.args or ("",)}


def since_of(item: pytest.Item) -> str:
    """Return the first engine version on which an item can show its clause, or ``""``."""
    marks = marks_of(item, "since")
    return str(marks[0].args[0]) if marks else ""


def seconds_of(item: pytest.Item, name: str) -> float | None:
    """Return the seconds of an item's marker ``deadline`` or ``cpu_deadline``, if it has one."""
    marks = marks_of(item, name)
    return float(marks[0].args[0]) if marks else None
