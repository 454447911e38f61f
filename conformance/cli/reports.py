"""The commands ``table`` and ``report``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli import output
from conformance.util import atomic
from conformance.util.exit_codes import ExitCode

if TYPE_CHECKING:
    from conformance.report.gather import Gathered


_elsewhere = click.option(
    "--no-reproduce",
    "elsewhere",
    is_flag=True,
    help="Leave out the commands that run a failed case again; they fit the machine of the run.",
)


def _plan(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the arguments that name reports and the cells that they must cover."""
    for option in (
        click.option(
            *("--missing", "missing"),
            multiple=True,
            metavar="CELL=WHY",
            help="This cell has no report, and why; not a failure.",
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
    "  dfpy-conformance table .nox/reports\n"
    "  dfpy-conformance table --tag gate --markdown reports >> summary.md\n"
    "  dfpy-conformance table merged.json"
)
@_plan
@click.option("--all", "every", is_flag=True, help="Print one line per clause.")
@click.option("--list-divergences", "divergences", is_flag=True, help="List the known divergences.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown, with all of it.")
@click.option(
    "--write",
    "page",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the Markdown to this file.",
)
@_elsewhere
def table(
    reports: Sequence[Path],
    tag: str | None,
    expect: Sequence[str],
    missing: Sequence[str],
    every: bool,
    divergences: bool,
    as_markdown: bool,
    page: Path | None,
    elsewhere: bool,
) -> None:
    """Show the verdict on a run: what failed and what to do next, then each cell in numbers.

    Reports are files that --conformance-report or `report merge` wrote.

    Exit code 1: a clause fails, a report is incomplete, or a required report is missing. Exit
    code 2: a report cannot be read, or another version of the suite wrote it. Exit code 15:
    partial run, no verdict; nothing failed, but a run was narrowed.
    """
    from conformance.report.model import ReportError
    from conformance.report.summary import Summary

    try:
        found, planned, absent = _gathered(reports, tag, expect, missing)
    except ReportError as error:
        output.exit_with_error(str(error))
    summary = Summary(found.reports, planned, absent)
    from conformance.report.markdown import markdown

    if page:
        try:
            atomic.write(page, markdown(summary, fold=not every).encode())
        except OSError as error:
            output.exit_with_error(f"{page}: cannot be written: {error.strerror}")
    if as_markdown:
        click.echo(markdown(summary, fold=not every), nl=False)
    else:
        from conformance.report.table import Details, show

        details = Details(clauses=every, divergences=divergences)
        show(summary, output.console(), details, {} if elsewhere else found.commands)
    sys.exit(summary.code)


@click.group(
    epilog="\b\nExamples:\n"
    "  dfpy-conformance report merge --tag gate reports -o merged.json\n"
    "  dfpy-conformance report html .nox/reports -o page.html"
)
def report() -> None:
    """Join the reports of many machines, or make a page of them."""


@report.command(
    epilog="\b\nExamples:\n"
    "  dfpy-conformance report merge --tag gate reports -o merged.json\n"
    "  dfpy-conformance report merge a/CELL.json b/merged.json -o merged.json"
)
@_plan
@click.option(
    *("-o", "--output", "target"),
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the document to this file.",
)
def merge(
    reports: Sequence[Path],
    tag: str | None,
    expect: Sequence[str],
    missing: Sequence[str],
    target: Path,
) -> None:
    """Join reports into one document, which `table` reads like a report.

    Reports and merged documents can be mixed. With --tag or --expect, exactly these cells must
    have reports. Equal runs give equal bytes on every machine: the document has no durations
    and no paths, and only the first line of a failure's message.

    Exit code 0: the document is written, whatever the verdict. Exit code 2: it cannot be
    written. Exit code 3: the reports do not belong together and nothing is written; one is cut
    short or incomplete, differs from the others in suite, subject, goldens or chapters, a cell
    has two reports, or planned cells and reported cells differ.
    """
    from conformance.report.join import join
    from conformance.report.model import ReportError

    try:
        merged = join(*_gathered(reports, tag, expect, missing))
    except ReportError as error:
        output.print_error(f"Not merged: {error}")
        sys.exit(ExitCode.UNMERGED)
    try:
        merged.write(target)
    except OSError as error:
        output.exit_with_error(f"{target}: cannot be written: {error.strerror}")
    cells = len(merged.reports)
    click.echo(f"{target}: {cells} cell{'' if cells == 1 else 's'}", err=True)


@report.command(
    epilog="\b\nExamples:\n"
    "  dfpy-conformance report html .nox/reports -o page.html\n"
    "  dfpy-conformance report html new.json --since old.json -o page.html"
)
@_plan
@click.option(
    *("-o", "--output", "target"),
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the page to this file.",
)
@click.option(
    "--since",
    multiple=True,
    metavar="REPORT_OR_FOLDER",
    type=click.Path(path_type=Path),
    help="Show which verdicts changed since this earlier run; may be given multiple times.",
)
@_elsewhere
def html(
    reports: Sequence[Path],
    tag: str | None,
    expect: Sequence[str],
    missing: Sequence[str],
    target: Path,
    since: Sequence[Path],
    elsewhere: bool,
) -> None:
    """Make one page for a browser, in one file that needs nothing else.

    It has the verdict, the failures with what was expected and seen, each clause and each case,
    the known divergences with their scripts, and the interop grid. It can be searched and
    filtered, and each clause, case and divergence has a link of its own.

    Exit code 0: the page is written, whatever the verdict. Exit code 2: a report cannot be read,
    or the page cannot be written. Exit code 16: jinja2 is not installed.
    """
    from conformance.cli.interop import BUNDLED_GRID
    from conformance.interop.grid import Grid, GridError
    from conformance.page.render import render
    from conformance.report.gather import gather
    from conformance.report.model import ReportError
    from conformance.report.summary import Summary

    try:
        found, planned, absent = _gathered(reports, tag, expect, missing)
        old = gather(since) if since else None
        grid = Grid.read(BUNDLED_GRID) if BUNDLED_GRID.exists() else None
        if elsewhere:
            found.commands.clear()
        page = render(Summary(found.reports, planned, absent), found, old, grid)
        # A report may hold half a surrogate pair, which no file can.
        atomic.write(target, page.encode(errors="backslashreplace"))
    except ModuleNotFoundError as error:
        if error.name != "jinja2":
            raise
        output.print_error(
            "jinja2 is not installed, and the page needs it; nothing was written. Install it: "
            "python -m pip install jinja2"
        )
        sys.exit(ExitCode.NOT_INSTALLED)
    except (ReportError, GridError) as error:
        output.exit_with_error(str(error))
    except OSError as error:
        output.exit_with_error(f"{target}: cannot be written: {error.strerror}")
    click.echo(f"{target}: open it in a browser", err=True)


def _gathered(
    reports: Sequence[Path], tag: str | None, expect: Sequence[str], missing: Sequence[str]
) -> tuple[Gathered, list[str], dict[str, str]]:
    """Return the reports, the required cells, and the cells without a report and why."""
    from conformance.report.gather import expected_cells, gather

    found = gather(reports)
    absent = dict(entry.partition("=")[::2] for entry in missing)
    return found, *expected_cells(found, tag, expect, absent)
