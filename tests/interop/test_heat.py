"""The grid as a heat map: letters without colour, blocks with it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from conformance.cli.interop import BUNDLED_GRID
from conformance.interop import heat, summary
from conformance.interop.grid import Grid


def shown(monkeypatch: pytest.MonkeyPatch, colours: str | None) -> str:
    table = summary.Table(
        "Inline", ("3.12",), ("old", "newer"), (("yes", "no"), ("part, logical WRONG", "-"))
    )
    monkeypatch.setattr(summary, "tables", lambda _: [table])
    file = io.StringIO()
    console = Console(
        file=file,
        width=80,
        force_terminal=bool(colours),
        color_system="standard" if colours else None,
        highlight=False,
        no_color=not colours,
    )
    heat.show_heat(Grid("0"), console)
    return file.getvalue()


def test_letters_where_there_is_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, None).splitlines()[2:] == [
        "Inline: Python 3.12",
        "",
        "           1  2",
        "  1 old    Y  N",
        "  2 newer  W  -",
    ]


def test_blocks_in_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    green, red, magenta = 32, 31, 35
    lines = shown(monkeypatch, "yes").splitlines()
    assert lines[-2].endswith(f"\x1b[{green}m██\x1b[0m \x1b[{red}m██\x1b[0m")
    assert f"\x1b[{magenta}m██" in lines[-1]


def test_the_bundled_grid_has_a_map_for_each_table() -> None:
    file, grid = io.StringIO(), Grid.read(BUNDLED_GRID)
    heat.show_heat(grid, Console(file=file, width=20))
    text = file.getvalue()
    for table in summary.tables(grid):
        for row in table.rows:
            assert "  ".join(heat.LETTERS.get(word, "P") for word in row) in text
