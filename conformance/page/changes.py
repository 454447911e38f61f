"""The changes between two runs: the clauses with another verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from conformance.page.table import WORST_FIRST
from conformance.report.model import Report
from conformance.spec import CLAUSES, Clause


@dataclass(frozen=True)
class Change:
    """A clause with another verdict than before, and the cells in which it has."""

    clause: Clause
    old: str
    new: str
    cells: tuple[str, ...]

    @property
    def worse(self) -> bool:
        """Return whether the verdict got worse."""
        return WORST_FIRST.index(self.new) < WORST_FIRST.index(self.old)


@dataclass(frozen=True)
class Changes:
    """The changes, the worse ones first, and the cells that only one of the runs has."""

    changes: Sequence[Change]
    only_old: Sequence[str]
    only_new: Sequence[str]


def compare(old: Mapping[str, Report], new: Mapping[str, Report]) -> Changes:
    """Compare the verdicts of two runs, cell by cell; one report each is compared by any name.

    A clause that only one of the runs judges in a cell is no change.
    """
    if len(old) == len(new) == 1:
        old = dict(zip(new, old.values(), strict=True))
    cells: dict[tuple[str, str, str], list[str]] = {}
    for name in (name for name in new if name in old):
        for change in _changed(old[name], new[name]):
            cells.setdefault(change, []).append(name)
    order = list(CLAUSES)
    found = [Change(CLAUSES[key[0]], *key[1:], tuple(names)) for key, names in cells.items()]
    found.sort(key=lambda one: (not one.worse, order.index(one.clause.id)))
    return Changes(
        found, [name for name in old if name not in new], [name for name in new if name not in old]
    )


def _changed(old: Report, new: Report) -> Iterator[tuple[str, str, str]]:
    before = {one.clause: one.verdict for one in old.verdicts()}
    for one in new.verdicts():
        if before.get(one.clause, one.verdict) != one.verdict:
            yield one.clause, before[one.clause], one.verdict
