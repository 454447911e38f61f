"""The verdicts of a run for a terminal, with rich, in colour where the terminal supports it."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.report.summary import ReportColumn, Summary, SummaryLine

SHOWN = {
    "pass": "[green]pass[/]",
    "fail": "[bold red]FAIL[/]",
    "warning": "[yellow]SHOULD[/]",
    "divergence": "[yellow]diverges[/]",
    "not applicable": "[dim]n/a[/]",
    "incomplete": "[bold red]incomplete[/]",
    "": "",
}


def show(summary: Summary, console: Console, *, fold: bool = True) -> None:
    """Print the table, the findings and one summary line per engine."""
    if summary.columns:
        console.print(_table(summary, fold=fold))
        _columns(summary.columns, console)
    _findings("Failures", summary.failures(), "bold red", summary, console)
    _findings("Recommendations not met", summary.warnings(), "yellow", summary, console)
    _findings("Stale divergences", summary.stale(), "bold red", summary, console)
    _findings("Known divergences", summary.divergences(), "yellow", summary, console)
    if notes := list(summary.notes()):
        console.print()
    for note in notes:
        style = "bold red" if note[:2].isupper() else "dim"
        console.print(f"[{style}]{escape(note)}[/]", soft_wrap=True)
    console.print()
    for sentence in summary.sentences():
        console.print(escape(sentence), soft_wrap=True)
    if not summary.reports:
        console.print("[bold red]There is no report.[/]")


def letters(columns: Iterable[ReportColumn]) -> list[str]:
    """Return the titles of the columns, with a letter if several share one engine."""
    titles = [column.title for column in columns]
    return [
        f"{title} ({chr(ord('a') + titles[:index].count(title))})"
        if titles.count(title) > 1
        else title
        for index, title in enumerate(titles)
    ]


def where(finding: SummaryLine, summary: Summary) -> str:
    """Return the cells of a finding.

    They are grouped by engine, and listed only where not all cells of the engine show it.
    """
    parts = []
    engines: dict[str, list[str]] = {}
    for name, report in summary.reports.items():
        if not finding.clause or finding.clause in report.judged:
            title = f"{report.subject} {report.cell.get('engine', '')}"
            engines.setdefault(title, []).append(name)
    for title, cells in engines.items():
        shown = [name for name in cells if name in finding.cells]
        if len(shown) == len(cells):
            parts.append(title.strip())
        elif shown:
            parts.append(f"{title.strip()} ({len(shown)} of {len(cells)}: {', '.join(shown)})")
    return ", ".join(parts)


def _table(summary: Summary, *, fold: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("clause", no_wrap=True)
    for title, column in zip(letters(summary.columns), summary.columns, strict=True):
        number = len(column.cells)
        table.add_column(f"{escape(title)}\n{number} cell{'' if number == 1 else 's'}")
    for row in summary.rows(fold=fold):
        table.add_row(row.title, *(SHOWN[verdict] for verdict in row.verdicts))
    return table


def _columns(columns: Iterable[ReportColumn], console: Console) -> None:
    columns = list(columns)
    for title, column in zip(letters(columns), columns, strict=True):
        if title != column.title:
            console.print(f"{escape(title)}: {', '.join(column.cells)}", soft_wrap=True)


def _findings(
    title: str, findings: Iterable[SummaryLine], style: str, summary: Summary, console: Console
) -> None:
    for number, finding in enumerate(findings):
        if not number:
            console.print(f"\n[{style}]{title}[/]")
        console.print(f"[{style}]{escape(finding.name)}[/], {where(finding, summary)}")
        if finding.text:
            console.print(f"  {escape(finding.text)}")
