"""The commands ``report html`` and ``report badge``."""

from __future__ import annotations

import json
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


@click.command(
    epilog=output.examples(
        "report html .nox/reports -o page.html",
        "report html new.json --since old.json -o page.html",
    )
)
@plan
@target_option("page")
@click.option(
    "--since",
    multiple=True,
    metavar="REPORT_OR_FOLDER",
    type=click.Path(path_type=Path),
    help="Show what changed since this earlier run, as `diff` does; may be given multiple times.",
)
@elsewhere_option
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
    or the page cannot be written, such as over a report. Exit code 16: jinja2 is not installed.
    """
    from conformance.cli.interop import BUNDLED_GRID
    from conformance.interop.grid import Grid, GridError
    from conformance.page.render import render
    from conformance.report.diff import compare
    from conformance.report.model import ReportError
    from conformance.report.recorded import read_recorded
    from conformance.report.summary import Summary

    refuse_report(target, [*reports, *since])
    try:
        found, planned, absent = gather_plan(reports, tag, expect, missing)
        changes = compare(read_recorded(since), read_recorded(reports)) if since else None
        grid = Grid.read(BUNDLED_GRID) if BUNDLED_GRID.exists() else None
        if elsewhere:
            found.commands.clear()
        page = render(Summary(found.reports, planned, absent), found, changes, grid)
    except (ReportError, GridError) as error:
        output.exit_with_error(str(error))
    # A report may hold half a surrogate pair, which no file can.
    output.write_file(target, page.encode(errors="backslashreplace"))
    click.echo(f"{target}: open it in a browser", err=True)


@click.command(
    epilog=output.examples(
        "report badge report.json -o badge.json", "report badge --tag gate reports -o badge.json"
    )
)
@plan
@target_option("badge")
def badge(
    reports: Sequence[Path],
    tag: str | None,
    expect: Sequence[str],
    missing: Sequence[str],
    target: Path,
) -> None:
    """Write the verdict as a badge: JSON for an endpoint badge of shields.io.

    Exit code 0: the badge is written, whatever the verdict. Exit code 2: a report cannot be read,
    or the badge cannot be written, such as over a report.
    """
    from conformance.report.badge import badge as verdict_badge
    from conformance.report.model import ReportError
    from conformance.report.summary import Summary

    refuse_report(target, reports)
    try:
        found, planned, absent = gather_plan(reports, tag, expect, missing)
    except ReportError as error:
        output.exit_with_error(str(error))
    shown = verdict_badge(Summary(found.reports, planned, absent))
    output.write_file(target, (json.dumps(shown, indent=1) + "\n").encode())
