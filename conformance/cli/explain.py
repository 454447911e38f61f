"""The command ``explain``."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli import completions, output


@click.command(
    epilog=output.examples(
        "explain STRICT-02",
        "explain hostile-orderings-panic",
        "explain wrong-version-2/scalar/strict",
        "explain 'strict/refusal_names_the_udf[scalar-from_bytes]' --report .nox/reports",
    )
)
@click.argument("name", metavar="CLAUSE|DIVERGENCE|CASE|VECTOR", shell_complete=completions.names)
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE|FOLDER",
    help="Also show how it went in this report, with what was expected and seen. May be given "
    "multiple times.",
)
@output.json_option
def explain(name: str, reports: tuple[Path, ...], as_json: bool) -> None:
    """Explain a clause, a known divergence, a case or a negative vector.

    What must hold, why, and where the engine promises it; which releases break it, and a script
    that shows it; the cases that guard it, and the faults that these notice. Of a
    vector: its session, its bytes, what the clauses demand, and the request to a program.

    Exit codes: 0; 2, nothing has this name, or a report cannot be read.
    """
    from conformance.explain.document import UnknownName
    from conformance.explain.document import explain as explain_name
    from conformance.explain.show import lines
    from conformance.report.gather import list_files, read_reports
    from conformance.report.model import ReportError

    files = {path: [*list_files([path])] for path in reports}
    for path in files:
        if not files[path]:
            output.exit_with_error(f"{path}: expected reports (*.json) in this folder, found none.")
    try:
        read = [read_reports(file) for found in files.values() for file in found]
        found = {cell: report for one in read for cell, report in one.reports.items()}
        document = explain_name(name, found)
    except (UnknownName, ReportError) as error:
        output.exit_with_error(str(error))
    if as_json:
        output.print_json(document)
        return
    for line in lines(document, output.console().width):
        click.echo(line)
