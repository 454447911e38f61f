"""The command line. Each command imports what it needs when it runs, so that help is quick."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

TROUBLE = 2
"""Exit code where a file, or an argument, is not what it must be."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dfpy-conformance", message="%(version)s")
def main() -> None:
    r"""Looks into serialized Python UDFs of DataFusion, and into what a run of the suite said.

    \b
    The suite itself runs with
      nox -s conformance
    or, on what is installed here,
      python -m pytest -p conformance.plugin --pyargs conformance.suite
    """


@main.command()
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON.")
def inspect(file: str, as_json: bool) -> None:
    r"""Show every frame in the bytes of FILE ("-" reads standard input).

    FILE holds a serialized or pickled expression, a plan, or a frame alone.
    Header, tuple, schemas and pickle opcodes are shown. Nothing is unpickled,
    so bytes from anywhere are safe to look into.

    \b
    Example:
      python -m conformance inspect expression.bin
      python -m conformance inspect --json - < plan.bin
    """
    from conformance.wire import WireError, disassemble, to_dict

    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        _fail(f"{file}: {error.strerror}")
    try:
        if as_json:
            _json(to_dict(data))
        else:
            click.echo(disassemble(data), nl=False)
    except WireError as error:
        _fail(f"{file}: {type(error).__name__}: {error}")


@main.command()
@click.argument("reports", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--all", "every", is_flag=True, help="Give each clause a line of its own.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown.")
@click.option("--tag", help="The cells of this tag (gate, full) must have reports.")
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
    r"""Show the verdicts in REPORTS, files or folders, as one table of clauses and cells.

    Exit code 1 where a clause fails, a report is incomplete, or one that must
    be there is not.

    \b
    Example:
      python -m conformance table .nox/reports
      python -m conformance table --tag gate --markdown reports >> summary.md
    """
    from conformance.matrix import read
    from conformance.report.model import Report, ReportError
    from conformance.report.summary import Summary

    cells = {cell.name: cell for cell in read().cells()}
    wanted = [*expect]
    absent = dict(entry.partition("=")[::2] for entry in missing)
    found: dict[str, Report] = {}
    try:
        for path in _files(reports):
            found[path.stem] = Report.read(path)
    except ReportError as error:
        _fail(str(error))
    for cell in cells.values():
        if tag not in cell.tags:
            continue
        if cell.optional and cell.name not in found:
            absent.setdefault(cell.name, f"Python {cell.python} is optional")
        else:
            wanted.append(cell.name)
    for name, report in found.items():
        for version, claimed in cells[name].claim.items() if name in cells else ():
            seen = report.cell.get(version, claimed)
            if seen != claimed and not seen.startswith(f"{claimed}."):
                _fail(f"{name}: the report is of {version} {seen}")
    summary = Summary(found, wanted, absent)
    if as_markdown:
        from conformance.report.markdown import markdown

        click.echo(markdown(summary, fold=not every), nl=False)
    else:
        from rich.console import Console

        from conformance.report.table import show

        show(summary, Console(highlight=False), fold=not every)
    sys.exit(0 if summary.good else 1)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON.")
def clauses(as_json: bool) -> None:
    r"""List the clauses: what is promised, and where.

    \b
    Example:
      python -m conformance clauses | grep STRICT
    """
    from dataclasses import asdict

    from conformance.spec import CLAUSES

    if as_json:
        _json([asdict(clause) for clause in CLAUSES.values()])
        return
    for clause in CLAUSES.values():
        click.echo(f"{clause.id}  {clause.level}, since {clause.since}: {clause.text}")


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON.")
def divergences(as_json: bool) -> None:
    r"""List the promises that released engines are known to break.

    \b
    Example:
      python -m conformance divergences
    """
    from dataclasses import asdict

    from conformance.spec import DIVERGENCES

    if as_json:
        _json(
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


@main.command()
@click.option("--tag", default="full", show_default=True, help="Only the cells of this tag.")
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON.")
def cells(tag: str, as_json: bool) -> None:
    r"""List the cells: engine, Python, cloudpickle and pyarrow versions that are judged together.

    \b
    Example:
      python -m conformance cells --tag gate
    """
    from conformance.matrix import read

    chosen = [cell for cell in read().cells() if tag in cell.tags]
    if as_json:
        _json(
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


def _json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _fail(message: str) -> NoReturn:
    click.echo(" ".join(message.split("\n")), err=True)
    sys.exit(TROUBLE)
