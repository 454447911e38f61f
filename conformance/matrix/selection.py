"""Choose representative cells where running all would take too long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations

from conformance.matrix.cell import Cell


def covering_sample(cells: Iterable[Cell], size: int) -> Sequence[Cell]:
    """Return ``size`` non-optional cells; every prefix covers the versions as evenly as possible.

    The next cell is always one whose engine, cloudpickle and Python, and then whose pairs of
    these, were chosen least often.
    """
    remaining = [cell for cell in cells if not cell.optional]
    chosen: list[Cell] = []
    counts: Counter[object] = Counter()
    while remaining and len(chosen) < size:
        best = min(
            remaining,
            key=lambda cell: tuple(
                sum(counts[trait] for trait in one) for one in _versions_and_pairs(cell)
            ),
        )
        remaining.remove(best)
        chosen.append(best)
        for one in _versions_and_pairs(best):
            counts.update(one)
    return chosen


def _versions_and_pairs(cell: Cell) -> tuple[Sequence[object], Sequence[object]]:
    versions = [one for one in cell.claim.items() if one[0] != "pyarrow"]
    return versions, [*combinations(versions, 2)]


def cloudpickle_minors(cells: Iterable[Cell]) -> Sequence[Cell]:
    """Return each engine with the last release of each cloudpickle minor, on one Python.

    That Python is the newest non-optional one of those that work with the most cloudpickles;
    ``cells`` are sorted, oldest first.
    """
    candidates = [cell for cell in cells if not cell.optional]
    works: dict[str, set[str]] = {}
    for cell in candidates:
        works.setdefault(cell.python, set()).add(cell.cloudpickle)
    most = max(map(len, works.values()))
    (*_, python) = (python for python, found in works.items() if len(found) == most)
    last = {
        (cell.version, cell.cloudpickle.rpartition(".")[0]): cell
        for cell in candidates
        if cell.python == python
    }
    return [*last.values()]
