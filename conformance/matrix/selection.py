"""Cells that stand for all where all are too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations

from conformance.matrix.cell import Cell


def covering_sample(cells: Iterable[Cell], size: int) -> Sequence[Cell]:
    """So many cells, of Pythons that everybody has, in an order whose every start is spread.

    Next comes always a cell whose engine, cloudpickle and Python, and then
    whose pairs of these, came least.
    """
    left = [cell for cell in cells if not cell.optional]
    chosen: list[Cell] = []
    came: Counter[object] = Counter()
    while left and len(chosen) < size:
        best = min(
            left,
            key=lambda cell: tuple(
                sum(came[trait] for trait in one) for one in _versions_and_pairs(cell)
            ),
        )
        left.remove(best)
        chosen.append(best)
        for one in _versions_and_pairs(best):
            came.update(one)
    return chosen


def _versions_and_pairs(cell: Cell) -> tuple[Sequence[object], Sequence[object]]:
    versions = [one for one in cell.claim.items() if one[0] != "pyarrow"]
    return versions, [*combinations(versions, 2)]


def cloudpickle_minors(cells: Iterable[Cell]) -> Sequence[Cell]:
    """Each engine with the last release of each cloudpickle minor, on one Python.

    It is the newest that everybody has; ``cells`` come oldest first.
    """
    there = [cell for cell in cells if not cell.optional]
    last = {
        (cell.version, cell.cloudpickle.rpartition(".")[0]): cell
        for cell in there
        if cell.python == there[-1].python
    }
    return [*last.values()]
