"""The commands ``clauses``, ``divergences`` and ``cells``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from conformance.cli import output


@click.command(epilog=output.examples("clauses", "clauses --json"))
@output.json_option
def clauses(as_json: bool) -> None:
    """List the clauses: what is required, and where the engine promises it."""
    from conformance.spec import CHAPTERS, CLAUSES

    if as_json:
        output.print_json(
            [{**asdict(clause), "level": clause.level} for clause in CLAUSES.values()]
        )
        return
    for chapter in CHAPTERS.values():
        click.echo(f"{chapter.id}: {chapter.title}\n")
        for clause in (one for one in CLAUSES.values() if one.chapter == chapter.id):
            click.echo(f"{clause.id}  {clause.level}, since {clause.since}: {clause.title}")
            click.echo(f"  {clause.requirement}")
            needs = f"; needs {clause.needs}" if clause.needs else ""
            click.echo(f"  {clause.severity}, {clause.profile}; {clause.source}{needs}")
            if clause.link:
                click.echo(f"  {clause.link}")
        click.echo()


@click.command(epilog=output.examples("divergences"))
@output.json_option
def divergences(as_json: bool) -> None:
    """List the clauses that released engines are known to break."""
    from conformance.spec import DIVERGENCES

    if as_json:
        output.print_json(
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
        click.echo(f"  {entry.reported_as or entry.introduced_by}")
        click.echo(f"  python {_relative(entry.reproduction)}")


@click.command(epilog=output.examples("cells --tag gate"))
@click.option(
    "--tag",
    type=click.Choice(["full", "gate", "writer", "clusters", "clusters-full"]),
    default="full",
    show_default=True,
    help="List the cells of this tag only.",
)
@output.json_option
def cells(tag: str, as_json: bool) -> None:
    """List the combinations of versions that are judged.

    A cell is one engine, cloudpickle, Python and pyarrow.
    """
    from conformance.matrix import read

    chosen = read().cells(tag)
    if as_json:
        output.print_json(
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


def _relative(path: Path) -> str:
    """Return ``path`` from the working directory, where it lies in it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
