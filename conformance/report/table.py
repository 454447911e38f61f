"""The verdicts of a run for a terminal, with rich, in colour where the terminal supports it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich import box, markup
from rich.console import Console
from rich.table import Table

from conformance.report.counts import counts
from conformance.report.problems import Commands, problems, verdict
from conformance.report.sentences import sentences
from conformance.report.summary import ReportColumn, Summary, SummaryLine
from conformance.spec import CLAUSES
from conformance.util.exit_codes import ExitCode
from conformance.wire.text import printable

MOST = 12
"""How many problems are shown in full."""

COUNTED = {
    "pass": "clauses hold",
    "divergence": "diverge",
    "fixed": "[green]fixed[/]",
    "warning": "[yellow]SHOULD[/]",
    "not applicable": "n/a",
    "fail": "[bold red]FAIL[/]",
    "incomplete": "[bold red]incomplete[/]",
}
"""The verdicts, with the heads of their columns."""

SHOWN = {
    "pass": "[green]pass[/]",
    "fail": "[bold red]FAIL[/]",
    "warning": "[yellow]SHOULD[/]",
    "divergence": "[yellow]diverges[/]",
    "fixed": "[green]fixed[/]",
    "not applicable": "[dim]n/a[/]",
    "incomplete": "[bold red]incomplete[/]",
    "": "",
}


@dataclass(frozen=True)
class Details:
    """The parts of the table that are shown on request: every clause, the known divergences."""

    clauses: bool = False
    divergences: bool = False


def show(
    summary: Summary,
    console: Console,
    details: Details = Details(),
    commands: Commands | None = None,
) -> None:
    """Print the verdict, the problems with the next step, the counts, a sentence per engine.

    The known divergences are counted; ``details`` lists them. ``commands`` run failed cases
    again.
    """
    style = {ExitCode.OK: "bold green", ExitCode.PARTIAL: "bold yellow"}
    console.print(
        f"[{style.get(summary.code, 'bold red')}]{escape(verdict(summary))}[/]", soft_wrap=True
    )
    _problems(summary, commands or {}, console)
    if summary.allows_fixed:
        _findings("Fixed divergences", summary.fixed(), "green", summary, console)
    _findings("Recommendations not met", summary.warnings(), "yellow", summary, console)
    if summary.columns and (details.clauses or details.divergences):
        console.print(_table(summary, fold=not details.clauses))
        _columns(summary.columns, console)
    if details.divergences:
        _findings("Known divergences", summary.divergences(), "yellow", summary, console)
    if summary.reports:
        console.print(_counts(summary))
    for remark in summary.remarks():
        console.print(f"[dim]{escape(remark)}[/]", soft_wrap=True)
    for sentence in sentences(summary):
        console.print(escape(sentence), soft_wrap=True)


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


def _problems(summary: Summary, commands: Commands, console: Console) -> None:
    """Print the problems: the first ones in full, the names of the others."""
    found = list(problems(summary, commands))
    for problem in found[:MOST]:
        listed = ", ".join(problem.cells)
        cells = listed if problem.by_cell else where(problem.line, summary)
        more = f", {escape(cells)}" if cells else ""
        console.print(f"\n[bold red]{escape(problem.title)}[/]{more}", soft_wrap=True)
        if len(problem.clauses) == 1:
            console.print(f"  {escape(CLAUSES[problem.clauses[0]].title)}", soft_wrap=True)
        console.print(f"  {escape(problem.text)}", soft_wrap=True)
        # A command is one whole line, so that it can be pasted.
        step = f"reproduce  {problem.command}" if problem.command else f"  next: {problem.advice}"
        console.print(escape(step), soft_wrap=True)
    if rest := found[MOST:]:
        console.print(f"\n[bold red]{len(rest)} more:[/]")
        console.print(escape("; ".join(problem.title for problem in rest)), soft_wrap=True)


def _counts(summary: Summary) -> Table:
    """Return the table of cells; a verdict that no cell has gets no column."""
    lines = list(counts(summary))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("cell", no_wrap=True)
    table.add_column("cases", justify="right")
    shown = [name for name in COUNTED if any(line.verdicts.get(name) for line in lines)]
    for name in shown:
        table.add_column(COUNTED[name], justify="right")
    for line in lines:
        numbers = (str(line.verdicts.get(name) or "") for name in shown)
        table.add_row(escape(line.title), line.cases, *numbers)
    return table


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
            console.print(f"{escape(title)}: {escape(', '.join(column.cells))}", soft_wrap=True)


def _findings(
    title: str, findings: Iterable[SummaryLine], style: str, summary: Summary, console: Console
) -> None:
    for number, finding in enumerate(findings):
        if not number:
            console.print(f"\n[{style}]{title}[/]")
        console.print(f"[{style}]{escape(finding.name)}[/], {escape(where(finding, summary))}")
        if finding.text:
            console.print(f"  {escape(finding.text)}")


def escape(text: str) -> str:
    """Return a text of a report for the console: no markup, and control characters escaped."""
    return markup.escape(printable(text))
