"""The arguments of commands that read reports, and what they name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.cli import output

if TYPE_CHECKING:
    from conformance.report.gather import Gathered


elsewhere_option = click.option(
    "--no-reproduce",
    "elsewhere",
    is_flag=True,
    help="Leave out the commands that run a failed case again; they fit the machine of the run.",
)


def target_option(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option that names the file to write; ``what`` is written."""
    return click.option(
        *("-o", "--output", "target"),
        required=True,
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help=f"Write the {what} to this file.",
    )


def plan(command: Callable[..., Any]) -> Callable[..., Any]:
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


def gather_plan(
    reports: Sequence[Path], tag: str | None, expect: Sequence[str], missing: Sequence[str]
) -> tuple[Gathered, list[str], dict[str, str]]:
    """Return the reports, the required cells, and the cells without a report and why."""
    from conformance.report.gather import expected_cells, gather

    found = gather(reports)
    absent = dict(entry.partition("=")[::2] for entry in missing)
    for cell, why in absent.items():
        if not cell.strip() or not why.strip():
            output.exit_with_error(f"--missing {cell}: expected CELL=WHY, with a reason")
    return found, *expected_cells(found, tag, expect, absent)


def refuse_report(target: Path, reports: Sequence[Path]) -> None:
    """End the command if ``target`` is one of the reports, also of one in a folder."""
    from conformance.report.gather import list_files

    output.refuse_input(target, list_files(reports))
