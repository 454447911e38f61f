"""The heat maps of the bundled grid."""

from __future__ import annotations

from conformance.cli.interop import BUNDLED_GRID
from conformance.interop.grid import Grid
from conformance.page.heat_map import heat_maps


def test_every_pair_has_a_square() -> None:
    grid = Grid.read(BUNDLED_GRID)
    found = heat_maps(grid)
    number = len(found.groups)
    assert sum(columns for _, columns in found.pythons) == number > 6
    assert [one.title for one in found.maps] == [
        "Inline",
        "By name",
        "Inline, through an extension codec",
    ]
    for one in found.maps:
        assert [len(statuses) for _, statuses in one.rows] == [number] * number
    assert {name for group in found.groups for name in group.names} == {*grid.peers}


def test_who_reads_itself_inline() -> None:
    inline = heat_maps(Grid.read(BUNDLED_GRID)).maps[0]
    assert {statuses[index] for index, (_, statuses) in enumerate(inline.rows)} == {"yes"}
