"""Format the grid for a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table as Drawn

from conformance.interop import summary
from conformance.interop.grid import Grid
from conformance.interop.rules import NAMES
from conformance.util.versions import minor_version

LEGEND = (
    "Rows are senders, columns are receivers, with the same numbers. Each sender wrote the",
    "suite's catalogue of Python UDFs as expressions and as logical and physical plans. Each",
    "receiver decoded it in a process that never saw the code, ran it, and compared the results",
    "with those written by hand. yes: all items work. no: no item works, and each is refused with",
    "a reason. part: some items work. -: the sender writes no items. WRONG: an outcome is neither",
    "what the clauses demand nor a known divergence. Inline, the bytes hold the code. By name, a",
    "strict session (inlining off) writes the UDFs' names, and the receiver has registered them.",
)

STYLES = {"yes": "green", "no": "red", "part": "yellow", "WRONG": "bold red", "-": "dim"}


def show(grid: Grid, console: Console) -> None:
    """Print the tables, the reasons and the unexplained outcomes."""
    for line in LEGEND:
        console.print(escape(line), soft_wrap=True)
    for table in summary.tables(grid):
        drawn = Drawn("sender", *map(str, _numbers(table)), box=box.SIMPLE_HEAD)
        for number, row in enumerate(table.rows, 1):
            drawn.add_row(str(number), *map(_styled, row))
        console.print(f"\n[bold]{escape(_title(table))}[/]\n")
        for number, name in enumerate(table.titles, 1):
            console.print(escape(f"  {number}  {name}"), soft_wrap=True)
        console.print(drawn)
    for line in _rest(grid):
        console.print(escape(line), soft_wrap=True)


def _title(table: summary.Table) -> str:
    return f"{table.title}: Python {', '.join(table.pythons)}"


def _numbers(table: summary.Table) -> range:
    return range(1, len(table.titles) + 1)


def _styled(word: str) -> str:
    return f"[{STYLES.get(word, 'yellow')}]{escape(word)}[/]"


def markdown(grid: Grid) -> str:
    """Return the grid as a Markdown page."""
    versions = (f"{title} {', '.join(_all(grid, key))}" for title, key in NAMES.items())
    lines = ["# Who can talk to whom", "", f"{'; '.join(versions)}; suite {grid.suite}.", ""]
    lines += [*LEGEND, ""]
    for table in summary.tables(grid):
        lines += [f"## {_title(table)}", ""]
        lines.append(f"| sender | {' | '.join(map(str, _numbers(table)))} |")
        lines.append("| --- |" + " --- |" * len(table.titles))
        for number, (name, row) in enumerate(zip(table.titles, table.rows, strict=True), 1):
            lines.append(f"| {number} {name} | {' | '.join(row)} |")
        lines.append("")
    lines += [f"- {line}" for line in _rest(grid)]
    return "\n".join(lines) + "\n"


def _all(grid: Grid, key: str) -> Iterator[str]:
    """Yield all versions of one package, oldest first."""
    of = {minor_version(one[key]) if key == "python" else one[key] for one in grid.peers.values()}
    yield from sorted(of, key=Version)


def _rest(grid: Grid) -> Iterator[str]:
    for line in summary.cross_python_summary(grid):
        yield f"Between two Pythons, {line[0].lower()}{line[1:]}."
    for line in summary.partial_results(grid):
        yield f"In part, {line}."
    for remedy, reason in summary.reasons(grid).items():
        yield f"Example: {reason}. Remedy: {remedy}."
    for line in summary.surprises(grid):
        yield f"WRONG: {line}"
    for name, why in grid.absent.items():
        yield f"ABSENT: {name}: {why}"
    pairs = len({(sender, receiver) for sender, receiver, _ in grid.results})
    items = sum(sum(result.counts.values()) for result in grid.results.values())
    explained = not any(one.surprises for one in grid.results.values())
    absent = f"; peers that did not take part: {len(grid.absent)}" if grid.absent else ""
    yield f"{len(grid.peers)} peers, {pairs} pairs, {items} items: " + (
        f"every outcome is expected or a known divergence{absent}."
        if explained
        else f"some outcomes are not expected{absent}."
    )
