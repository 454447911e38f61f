"""The command line. Each command imports what it needs when it runs, so that help is quick."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from conformance import __version__
from conformance.cli import output
from conformance.cli.preflight import preflight

MALFORMED = 1
"""Exit code where a frame is shown that is malformed."""


def _examples(*commands: str) -> str:
    lines = [f"  python -m conformance {command}" for command in commands]
    return "\n".join(["\b", "Example:" if len(lines) == 1 else "Examples:", *lines])


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=(
        "\b\nThe suite itself runs with\n  nox -s conformance\n"
        "or, on what is installed here, with\n"
        "  python -m pytest -p conformance.plugin --pyargs conformance.suite"
    ),
)
@click.version_option(__version__, message="%(version)s")
def main() -> None:
    """Look into serialized Python UDFs of DataFusion, and into what a run of the suite said."""


@main.command(epilog=_examples("inspect expression.bin plan.bin", "inspect --json - < plan.bin"))
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON, a document for each FILE.")
def inspect(files: Sequence[str], as_json: bool) -> None:
    """Show the frames that stand in each FILE.

    FILE, or standard input where it is "-", holds a serialized or pickled
    expression, a plan, or a frame alone. Header, tuple, schemas and pickle
    opcodes are shown. Nothing is unpickled: bytes from anywhere are safe here.

    An envelope is what a chain of codecs puts around a frame: a magic, a
    version and the id of the codec that reads the rest.

    Exit code 1 where a frame or an envelope is malformed: it is shown as far
    as it goes. Exit code 2 where a FILE cannot be read, is empty, or is neither
    protobuf nor pickle nor frame; the other files are shown all the same.
    """
    code = 0
    for number, file in enumerate(files):
        if len(files) > 1 and not as_json:
            click.echo(f"{chr(10) if number else ''}== {file}")
        code = max(code, _inspect(file, as_json))
    sys.exit(code)


def _inspect(file: str, as_json: bool) -> int:
    """Shows one file; tells the exit code."""
    from conformance.wire import WireError, disassemble, to_dict

    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        return output.tell(f"{file}: {error.strerror}")
    if not data:
        return output.tell(f"{file}: empty: nothing to inspect")
    try:
        told = to_dict(data)
    except WireError as error:
        return output.tell(f"{file}: {type(error).__name__}: {error}{_text_hint(data)}")
    if as_json:
        output.as_json(told)
    else:
        click.echo(disassemble(data), nl=False)
        if not told["found"] and (hint := _text_hint(data)):
            click.echo(hint.lstrip("; "))
    wrong = any(
        "error" in part for entry in told["found"] for part in (entry, *entry.get("tuple", ()))
    )
    return MALFORMED if wrong else 0


def _text_hint(data: bytes) -> str:
    """A hint where ``data`` is bytes written as text."""
    text = b"".join(data.split())
    if len(text) < 8:
        return ""
    if re.fullmatch(rb"(?:[0-9a-fA-F]{2})+", text):
        return "; it looks like hex text: decode it first, such as with xxd -r -p"
    if len(text) % 4 == 0 and re.fullmatch(rb"[0-9A-Za-z+/_-]+={0,2}", text):
        return "; it looks like base64 text: decode it first, such as with base64 -d"
    return ""


@main.command(
    epilog=_examples("table .nox/reports", "table --tag gate --markdown reports >> summary.md")
)
@click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--all", "every", is_flag=True, help="Give each clause a line of its own.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown.")
@click.option(
    "--tag",
    type=click.Choice(["gate", "full", "clusters"]),
    help="The cells of this tag must have reports.",
)
@click.option("--expect", multiple=True, metavar="CELL", help="This cell must have a report.")
@click.option(
    "--missing", multiple=True, metavar="CELL=WHY", help="This cell has none; that is no failure."
)
def table(
    reports: Sequence[Path],
    every: bool,
    as_markdown: bool,
    tag: str | None,
    expect: Sequence[str],
    missing: Sequence[str],
) -> None:
    """Show the verdicts of a run as one table.

    REPORTS are what --conformance-report wrote, files or folders. Exit code 1
    where a clause fails, a report is incomplete, or one that must be there is not;
    exit code 2 where one cannot be read, or is of another version of the suite.
    """
    from conformance.claims import unmet
    from conformance.matrix import ALL_CLUSTERS, ENGINE, FULL, read
    from conformance.report.model import Report, ReportError
    from conformance.report.summary import Summary

    cells = {cell.name: cell for each in (FULL, ALL_CLUSTERS) for cell in read().cells(each)}
    wanted = [*expect]
    absent = dict(entry.partition("=")[::2] for entry in missing)
    found: dict[str, Report] = {}
    try:
        for path in _files(reports):
            if path.stem in found:
                output.fail(f"{path}: there is another report of the cell {path.stem}")
            report = found[path.stem] = Report.read(path)
            if report.suite != __version__:
                output.fail(
                    f"{path}: suite {report.suite}; this one is {__version__}, of other clauses"
                )
    except ReportError as error:
        output.fail(str(error))
    for cell in cells.values():
        if tag not in cell.tags or cell.name in absent:
            continue
        if cell.optional and cell.name not in found:
            absent.setdefault(cell.name, f"Python {cell.python} is optional")
        else:
            wanted.append(cell.name)
    for name, report in found.items():
        if report.subject != ENGINE:
            continue  # its versions are its own
        told = cells[name].claim.items() if name in cells else ()
        claims = {version: claimed for version, claimed in told if version in report.cell}
        for version, _, seen in unmet(claims, report.cell):
            output.fail(f"{name}: the report is of {version} {seen}")
    summary = Summary(found, wanted, absent)
    if as_markdown:
        from conformance.report.markdown import markdown

        click.echo(markdown(summary, fold=not every), nl=False)
    else:
        from conformance.report.table import show

        show(summary, output.console(), fold=not every)
    sys.exit(0 if summary.good else 1)


@main.command(epilog=_examples("clauses | grep -A1 STRICT"))
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON.")
def clauses(as_json: bool) -> None:
    """List the clauses: what is promised, and where."""
    from dataclasses import asdict

    from conformance.spec import CLAUSES

    if as_json:
        output.as_json([asdict(clause) for clause in CLAUSES.values()])
        return
    for clause in CLAUSES.values():
        click.echo(f"{clause.id}  {clause.level}, since {clause.since}: {clause.text}")
        needs = f"; needs {clause.needs}" if clause.needs else ""
        click.echo(f"  {clause.source}{needs}")


@main.command(epilog=_examples("divergences"))
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON.")
def divergences(as_json: bool) -> None:
    """List what released engines are known to break."""
    from dataclasses import asdict

    from conformance.spec import DIVERGENCES

    if as_json:
        output.as_json(
            [
                {**asdict(entry), "reproduction": _relative(entry.reproduction)}
                for entry in DIVERGENCES.values()
            ]
        )
        return
    for entry in DIVERGENCES.values():
        where = f"datafusion {entry.engines}" + (f", Python {entry.python}" if entry.python else "")
        click.echo(f"{entry.id}  ({entry.clause}; {where})")
        click.echo(f"  {entry.reason}")
        click.echo(f"  {entry.link}")
        click.echo(f"  python {_relative(entry.reproduction)}")


@main.command(epilog=_examples("cells --tag gate"))
@click.option(
    "--tag",
    type=click.Choice(["full", "gate", "writer", "clusters", "clusters-full"]),
    default="full",
    show_default=True,
    help="Only the cells of this tag.",
)
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON.")
def cells(tag: str, as_json: bool) -> None:
    """List the versions that are judged together.

    A cell is one engine, cloudpickle, Python and pyarrow.
    """
    from conformance.matrix import read

    chosen = read().cells(tag)
    if as_json:
        output.as_json(
            [
                {
                    "name": cell.name,
                    **cell.claim,
                    "tags": cell.tags,
                    "requirements": cell.requirements,
                    "optional": cell.optional,
                }
                for cell in chosen
            ]
        )
        return
    for cell in chosen:
        click.echo(f"{cell.name}  {', '.join(cell.tags)}{', optional' if cell.optional else ''}")


main.add_command(preflight)


def _files(paths: Sequence[Path]) -> list[Path]:
    return [
        file
        for path in paths
        for file in (sorted(path.rglob("*.json")) if path.is_dir() else [path])
    ]


def _relative(path: Path) -> str:
    """``path`` from the working directory, where it lies in it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
