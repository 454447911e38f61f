"""The commands ``table`` and ``report``: what reports say, one by one or merged."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli import output

if TYPE_CHECKING:
    from conformance.report.gather import Gathered

REFUSED = 3
"""Exit code where reports do not belong together."""


def _plan(command: Callable[..., Any]) -> Callable[..., Any]:
    """The reports, and what must be among them."""
    for option in (
        click.option(
            *("--missing", "missing"),
            multiple=True,
            metavar="CELL=WHY",
            help="This cell has none; that is no failure.",
        ),
        click.option(
            "--expect", multiple=True, metavar="CELL", help="This cell must have a report."
        ),
        click.option(
            "--tag",
            type=click.Choice(["gate", "full", "clusters"]),
            help="The cells of this tag must have reports.",
        ),
        click.argument(
            "reports",
            metavar="REPORT_OR_FOLDER...",
            nargs=-1,
            required=True,
            type=click.Path(path_type=Path),
        ),
    ):
        command = option(command)
    return command


@click.command(
    epilog="\b\nExamples:\n"
    "  python -m conformance table .nox/reports\n"
    "  python -m conformance table --tag gate --markdown reports >> summary.md\n"
    "  python -m conformance table merged.json"
)
@_plan
@click.option("--all", "every", is_flag=True, help="Give each clause a line of its own.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown.")
def table(
    reports: Sequence[Path],
    tag: str | None,
    expect: Sequence[str],
    missing: Sequence[str],
    every: bool,
    as_markdown: bool,
) -> None:
    """Show the verdicts of a run as one table.

    Reports are what --conformance-report wrote, or report merge. Exit code 1
    where a clause fails, a report is incomplete, or one that must be there is not;
    exit code 2 where one cannot be read, or is of another version of the suite.
    """
    from conformance.report.model import ReportError
    from conformance.report.summary import Summary

    try:
        found, planned, absent = _gathered(reports, tag, expect, missing)
    except ReportError as error:
        output.fail(str(error))
    summary = Summary(found.reports, planned, absent)
    if as_markdown:
        from conformance.report.markdown import markdown

        click.echo(markdown(summary, fold=not every), nl=False)
    else:
        from conformance.report.table import show

        show(summary, output.console(), fold=not every)
    sys.exit(0 if summary.good else 1)


@click.group(
    epilog="\b\nExample:\n  python -m conformance report merge --tag gate reports -o merged.json"
)
def report() -> None:
    """Join the reports of many machines."""


@report.command(
    epilog="\b\nExamples:\n"
    "  python -m conformance report merge --tag gate reports -o merged.json\n"
    "  python -m conformance report merge a/CELL.json b/merged.json -o merged.json"
)
@_plan
@click.option(
    *("-o", "--output", "target"),
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the document goes.",
)
def merge(
    reports: Sequence[Path],
    tag: str | None,
    expect: Sequence[str],
    missing: Sequence[str],
    target: Path,
) -> None:
    """Join reports into one document; `table` takes it in their place.

    Merged documents may be among them. With --tag or --expect these cells must
    all be there, and no others. The document is the same, byte for byte, whatever
    machines the cells ran on: it has no durations and no paths, and of a message
    only a failure's first line.

    Exit code 0 where it is written, whatever the verdict. Exit code 3 where
    reports do not belong together, and nothing is written: one is cut,
    incomplete, or of another suite, subject, store of goldens or choice of
    chapters than the others, two are of one cell, one is planned and not there,
    or there and not planned. Exit code 2 where the document cannot be written.
    """
    from conformance.report.join import join
    from conformance.report.model import ReportError

    try:
        merged = join(*_gathered(reports, tag, expect, missing))
    except ReportError as error:
        output.tell(f"Not merged: {error}")
        sys.exit(REFUSED)
    try:
        merged.write(target)
    except OSError as error:
        output.fail(f"{target}: cannot be written: {error.strerror}")
    cells = len(merged.reports)
    click.echo(f"{target}: {cells} cell{'' if cells == 1 else 's'}", err=True)


def _gathered(
    reports: Sequence[Path], tag: str | None, expect: Sequence[str], missing: Sequence[str]
) -> tuple[Gathered, list[str], dict[str, str]]:
    """The reports, the cells that must be among them, and those that have none, with the reason."""
    from conformance.report.gather import gather, wanted

    found = gather(reports)
    absent = dict(entry.partition("=")[::2] for entry in missing)
    return found, *wanted(found, tag, expect, absent)
