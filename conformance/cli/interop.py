"""The commands ``exchange``, ``grid`` and ``can-talk``."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from conformance.cli import output
from conformance.cli.progress import progress

WRONG = 1
"""Exit code where two peers cannot talk, or where the grid is not as it must be."""

LAST = Path(__file__).parents[2] / ".nox" / "interop.json"
KEPT = Path(__file__).parents[1] / "interop" / "bundled_grid.json"

_grid = click.option(
    "--grid",
    "path",
    type=click.Path(path_type=Path),
    help="The grid to look into (default: that of the last `nox -s interop`, and the kept one).",
)


def _grids(path: Path | None) -> Iterator[tuple[str, Any]]:
    """The grid in ``path``, or that of the last run, if there was one, and the kept one."""
    from conformance.interop.grid import Grid, GridError

    places = {str(path): path} if path else {"the last run": LAST, "the kept grid": KEPT}
    for where, place in places.items():
        if path or place.exists():
            try:
                yield where, Grid.read(place)
            except GridError as error:
                output.fail(str(error))


@click.command(
    short_help="Have peers read what each other writes.",
    epilog="\b\nExample:\n  python -m conformance exchange "
    "old=venvs/old/bin/python new=venvs/new/bin/python -o grid.json",
)
@click.argument("peers", nargs=-1, required=True, metavar="NAME=PYTHON...")
@click.option(
    *("-o", "--output", "path"),
    required=True,
    type=click.Path(path_type=Path),
    help="The file for the grid, as JSON.",
)
@click.option("-j", "--jobs", type=click.IntRange(1), help="Peers at a time (default: one a core).")
@click.option("--missing", multiple=True, metavar="NAME=WHY", hidden=True)
def exchange(
    peers: tuple[str, ...], path: Path, jobs: int | None, missing: tuple[str, ...]
) -> None:
    """Have every peer write the catalogue, and every peer read it all, and print the grid.

    PYTHON is the interpreter of an environment with an engine, cloudpickle, pyarrow and
    packaging, and tomli where it is 3.10. Each peer writes in one process and reads in
    another, which never saw the code; one that dies or hangs costs what it was reading,
    and is told.

    Exit code 1 where something is neither as the clauses say nor a known divergence, or
    where a peer did not take part.
    """
    from conformance.interop import show
    from conformance.interop.exchange import Peer
    from conformance.interop.exchange import exchange as run

    given = [
        Peer(name, shutil.which(python) or "")
        for name, _, python in (one.partition("=") for one in peers)
    ]
    for peer, one in zip(given, peers, strict=True):
        if not peer.name or not peer.python:
            output.fail(f"{one!r}: must be NAME=PYTHON, with an interpreter that can be run")
    if len({peer.name for peer in given}) < len(given):
        output.fail("two peers have one name")
    if (path.exists() and not path.is_file()) or not os.access(path.parent, os.W_OK):
        output.fail(f"{path}: no file can be written there")
    with progress(wrote=len(given), read=len(given)) as done:
        grid = run(given, jobs or 0, done)
    grid.absent.update(one.partition("=")[::2] for one in missing)
    show.show(grid, output.console())
    try:
        grid.write(path)
    except OSError as error:
        output.fail(f"{path}: cannot be written: {error.strerror}")
    sys.exit(0 if grid.ok else WRONG)


@click.command(
    "grid",
    short_help="Show who can talk to whom.",
    epilog="\b\nExample:\n  python -m conformance grid --markdown >> summary.md",
)
@_grid
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown.")
def grid_command(path: Path | None, as_markdown: bool) -> None:
    """Show the grid of `nox -s interop`: peers that are alike as one, a table a form.

    Exit code 1 where it is not as it must be, 2 where it cannot be read.
    """
    from conformance.interop import show

    _, grid = next(_grids(path))
    if as_markdown:
        click.echo(show.markdown(grid), nl=False)
    else:
        show.show(grid, output.console())
    sys.exit(0 if grid.ok else WRONG)


@click.command(
    "can-talk",
    short_help="Tell whether one peer reads what another writes.",
    epilog="\b\nExample:\n  python -m conformance can-talk \\\n"
    "    --sender datafusion==55.0.0,cloudpickle==3.1.2,python==3.12 \\\n"
    "    --receiver datafusion==54.0.0,cloudpickle==2.2.1,python==3.12",
)
@click.option("--sender", required=True, metavar="NAME==VERSION,...", help="Who writes.")
@click.option("--receiver", required=True, metavar="NAME==VERSION,...", help="Who reads.")
@click.option(
    "--form",
    type=click.Choice(["inline", "by-name", "chain"]),
    default="inline",
    show_default=True,
    help="The code in the bytes; or the UDFs' names only, from a strict session, to a receiver "
    "that has registered them; or the code, through an extension codec with an id.",
)
@click.option(
    "--layer",
    type=click.Choice(["expression", "logical", "physical"]),
    default="expression",
    show_default=True,
    help="Expressions, or plans of a layer.",
)
@_grid
@click.option("--json", "as_json", is_flag=True, help="Tell it as JSON.")
def can_talk(
    sender: str, receiver: str, form: Any, layer: Any, path: Path | None, as_json: bool
) -> None:
    """Tell in one sentence whether RECEIVER reads what SENDER writes, why not, and what to do.

    Each is datafusion==VERSION,cloudpickle==VERSION,python==VERSION. The answer comes
    from the grids that were measured; for versions that are in none, from the clauses,
    and it says so. Exit code 0 for yes, 1 for no and for in part, 2 where one of the two
    is none that is judged.
    """
    from conformance.interop.answer import SpecError, answer, peer

    try:
        ends = peer(sender), peer(receiver)
        told = answer(_grids(path), *ends, (form.replace("-", " "), layer))
    except SpecError as error:
        output.fail(str(error))
    if as_json:
        output.as_json(asdict(told))
    else:
        click.echo(told.sentence)
    sys.exit(0 if told.talks == "yes" else WRONG)
