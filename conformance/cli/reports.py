"""The commands ``table``, ``report`` and ``report merge``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from conformance.cli import output
from conformance.cli.report_options import (
    elsewhere_option,
    gather_plan,
    plan,
    refuse_report,
    target_option,
)
from conformance.util.exit_codes import ExitCode


@click.command(
    epilog=output.examples(
        "table .nox/reports",
        "table --tag gate --markdown reports >> summary.md",
        "table merged.json",
    )
)
@plan
@click.option("--all", "every", is_flag=True, help="Print one line per clause.")
@click.option("--list-divergences", "divergences", is_flag=True, help="List the known divergences.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown, with all of it.")
@output.json_option
@click.option(
    "--write",
    "page",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the Markdown to this file.",
)
@elsewhere_option
def table(
    reports: Sequence[Path],
    tag: str | None,
    expect: Sequence[str],
    missing: Sequence[str],
    every: bool,
    divergences: bool,
    as_markdown: bool,
    as_json: bool,
    page: Path | None,
    elsewhere: bool,
) -> None:
    """Show the verdict on a run: what failed and what to do next, then each cell in numbers.

    Reports are files that --conformance-report or `report merge` wrote.

    The JSON has the keys verdict and exit_code; problems, each with title, cells, text, clauses,
    command and advice; cells, each with its cases and its clauses by verdict; verdicts of each
    clause by cell; divergences, remarks and sentences.

    Exit code 1: a clause fails, a report is incomplete, or a required report is missing. Exit
    code 2: a report cannot be read, another version of the suite wrote it, one is there under two
    names, or --write names a report. Exit code 15: partial run, no verdict; nothing failed, but a
    run was narrowed.
    """
    from conformance.report.model import ReportError
    from conformance.report.summary import Summary

    if as_json:
        output.refuse_together("--json", {"--markdown": as_markdown})
    if page:
        refuse_report(page, reports)
    try:
        found, planned, absent = gather_plan(reports, tag, expect, missing)
    except ReportError as error:
        output.exit_with_error(str(error))
    summary = Summary(found.reports, planned, absent)
    from conformance.report.markdown import markdown

    if page:
        output.write_file(page, markdown(summary, fold=not every).encode())
    if as_json:
        from conformance.report.document import document

        output.print_json(document(summary, {} if elsewhere else found.commands))
    elif as_markdown:
        click.echo(markdown(summary, fold=not every), nl=False)
    else:
        from conformance.report.table import Details, show

        details = Details(clauses=every, divergences=divergences)
        show(summary, output.console(), details, {} if elsewhere else found.commands)
    sys.exit(summary.code)


@click.group(
    epilog=output.examples(
        "report merge --tag gate reports -o merged.json", "report html .nox/reports -o page.html"
    )
)
def report() -> None:
    """Join the reports of many machines, or make a page or a badge of them."""


@report.command(
    epilog=output.examples(
        "report merge --tag gate reports -o merged.json",
        "report merge a/CELL.json b/merged.json -o merged.json",
    )
)
@plan
@target_option("document")
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
    written, such as over a report. Exit code 3: the reports do not belong together and nothing is
    written; one is cut short or incomplete, differs from the others in suite, subject, goldens or
    chapters, a cell has two reports, a report has two names, or planned cells and reported cells
    differ.
    """
    from conformance.report.join import join
    from conformance.report.model import ReportError

    refuse_report(target, reports)
    try:
        merged = join(*gather_plan(reports, tag, expect, missing))
    except ReportError as error:
        output.exit_with_error(f"Not merged: {error}", ExitCode.UNMERGED)
    try:
        merged.write(target)
    except OSError as error:
        output.exit_with_error(f"{target}: cannot be written: {error.strerror}")
    cells = len(merged.reports)
    click.echo(f"{target}: {cells} cell{'' if cells == 1 else 's'}", err=True)
