"""The grid as a heat map for a terminal: blocks in colour, letters where there is none."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from conformance.interop import summary
from conformance.interop.grid import Grid

COLOURS = {"yes": "green", "no": "red", "part": "yellow", "WRONG": "magenta", "-": "bright_black"}
LETTERS = {"yes": "Y", "no": "N", "part": "P", "WRONG": "W", "-": "-"}

_BLOCK = "\N{FULL BLOCK}" * 2


def show_heat(grid: Grid, console: Console) -> None:
    """Print a map for each table of the grid: senders in rows, receivers in columns."""
    plain = console.no_color or not console.color_system
    legend = Text("Rows are senders, columns are receivers, with the same numbers: ")
    for word in COLOURS:
        legend.append(_square(word, plain)).append(f" {word}  ")
    legend.rstrip()
    console.print(legend, soft_wrap=True)
    for table in summary.tables(grid):
        console.print(f"\n{table.title}: Python {', '.join(table.pythons)}\n", soft_wrap=True)
        width = max(map(len, table.titles))
        numbers = "".join(f"{number:>3}" for number in range(1, len(table.titles) + 1))
        console.print(f"{'':{width + 4}}{numbers}", soft_wrap=True)
        for number, (title, row) in enumerate(zip(table.titles, table.rows, strict=True), 1):
            line = Text(f"{number:>3} {title:<{width}}")
            for word in row:
                line.append(" ").append(_square(word, plain))
            console.print(line, soft_wrap=True)


def _square(word: str, plain: bool) -> Text:
    """Return an outcome in two columns; other words tell layers apart: part, or WRONG."""
    name = word if word in COLOURS else "WRONG" if "WRONG" in word else "part"
    return Text(f"{LETTERS[name]:>2}") if plain else Text(_BLOCK, COLOURS[name])
