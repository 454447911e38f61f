"""The command line. Each command imports what it needs when it runs, so that help is quick."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from conformance import __version__
from conformance.cli import output
from conformance.cli.interop import can_talk, exchange, grid_command
from conformance.cli.preflight import preflight
from conformance.cli.reports import report, table

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
        "  python -m pytest -p conformance.runner.plugin --pyargs conformance.suite"
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
        click.echo(f"{clause.id}  {clause.level}, since {clause.since}: {clause.title}")
        click.echo(f"  {clause.requirement}")
        needs = f"; needs {clause.needs}" if clause.needs else ""
        click.echo(f"  {clause.source}{needs}")
        if clause.link:
            click.echo(f"  {clause.link}")


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
        click.echo(f"  {entry.introduced_by}")
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


for command in (preflight, report, table, exchange, grid_command, can_talk):
    main.add_command(command)


def _relative(path: Path) -> str:
    """``path`` from the working directory, where it lies in it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
