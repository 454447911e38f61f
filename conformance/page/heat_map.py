"""The interop grid as heat maps: a square for each sender and receiver, one map per form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from conformance.interop.grid import Grid
from conformance.interop.rules import FORMS
from conformance.interop.summary import TITLES, Group, cross_python_summary, format_status, groups


@dataclass(frozen=True)
class HeatMap:
    """The statuses of one form: a row for each sender, a square for each receiver."""

    title: str
    rows: Sequence[tuple[Group, Sequence[str]]]


@dataclass(frozen=True)
class HeatMaps:
    """The maps of all forms, and what they share.

    ``pythons`` are the Pythons of the columns with the number of columns; ``sentences`` say what
    peers of different Pythons can ship.
    """

    groups: Sequence[Group]
    pythons: Sequence[tuple[str, int]]
    maps: Sequence[HeatMap]
    sentences: Sequence[str]


def heat_maps(grid: Grid) -> HeatMaps:
    """Return the heat maps of a grid; peers with equal results share a row and a column."""
    everyone = groups(grid)
    by_python = groupby(everyone, key=lambda group: group.python)
    return HeatMaps(
        everyone,
        [(python, len(list(found))) for python, found in by_python],
        [
            HeatMap(
                TITLES[form],
                [
                    (sender, [format_status(grid, sender, one, form) for one in everyone])
                    for sender in everyone
                ],
            )
            for form in FORMS
        ],
        list(cross_python_summary(grid)),
    )
