"""The command ``diff``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from conformance.cli import output
from conformance.util.exit_codes import ExitCode


@click.command(
    epilog=output.examples(
        "diff old.json new.json",
        "diff main/merged.json merged.json --markdown",
        "diff last-week/ .nox/reports --json",
    )
)
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown.")
@output.json_option
def diff(old: Path, new: Path, as_markdown: bool, as_json: bool) -> None:
    """Compare two runs: which clauses got worse, got better, are new or gone.

    OLD and NEW are reports, merged documents or folders of them. Cells are matched by name; where
    each run has one cell, these two are. Worse is also a clause that fails or diverges in a new
    way or fails in more cases, a known divergence that went stale, a clause or cell that is not
    judged any more, unless the clause is retired, and a run that is incomplete. A clause that is
    not judged in OLD is new, whatever its verdict. Where fewer cases judged a clause, a
    remark names it; that is not worse.

    Exit code 0: nothing got worse. Exit code 1: something did. Exit code 2: a file cannot be read
    or contradicts itself, or the runs do not compare: another subject or profile, other chapters,
    or a partial run.
    """
    from conformance.report import diff_text
    from conformance.report.diff import compare
    from conformance.report.model import ReportError
    from conformance.report.recorded import read_recorded

    if as_json:
        output.refuse_together("--json", {"--markdown": as_markdown})
    try:
        found = compare(read_recorded([old]), read_recorded([new]))
    except ReportError as error:
        output.exit_with_error(f"Not compared: {error}")
    if as_json:
        output.print_json(diff_text.document(found))
    else:
        click.echo(diff_text.markdown(found) if as_markdown else diff_text.text(found), nl=False)
    sys.exit(ExitCode.FAILED if found.worse else ExitCode.OK)
