"""The commands ``exchange``, ``grid`` and ``can-talk``."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.cli import output
from conformance.cli.progress import progress
from conformance.util.exit_codes import ExitCode

_Command = TypeVar("_Command", bound=Callable[..., Any])

LAST = Path(__file__).parents[2] / ".nox" / "interop.json"
BUNDLED_GRID = Path(__file__).parents[1] / "interop" / "bundled_grid.json"

_grid = click.option(
    "--grid",
    "path",
    type=click.Path(path_type=Path),
    help="Read this grid (default: the grid of the last `nox -s interop`, then the bundled one).",
)


def _grids(path: Path | None) -> Iterator[tuple[str, Any]]:
    """Yield the grid in ``path``, or the last run's, if there was one, and the bundled one."""
    from conformance.interop.grid import Grid, GridError

    places = {str(path): path} if path else {"the last run": LAST, "the bundled grid": BUNDLED_GRID}
    for where, place in places.items():
        if path or place.exists():
            try:
                yield where, Grid.read(place)
            except GridError as error:
                output.exit_with_error(str(error))


@click.command(
    short_help="Let peers read what each other writes.",
    epilog=output.examples(
        "exchange old=venvs/old/bin/python new=venvs/new/bin/python -o grid.json"
    ),
)
@click.argument("peers", nargs=-1, required=True, metavar="NAME=PYTHON...")
@click.option(
    *("-o", "--output", "path"),
    required=True,
    type=click.Path(path_type=Path),
    help="Write the grid to this file, as JSON.",
)
@click.option("-j", "--jobs", type=click.IntRange(1), help="Peers at a time (default: one a core).")
@output.json_option
@click.option("--missing", multiple=True, metavar="NAME=WHY", hidden=True)
def exchange(
    peers: tuple[str, ...],
    path: Path,
    jobs: int | None,
    as_json: bool,
    missing: tuple[str, ...],
) -> None:
    """Let every peer write the catalogue and every peer read it all; print the grid.

    PYTHON is the interpreter of an environment with an engine, cloudpickle, pyarrow, packaging
    and, on Python 3.10, tomli. Each peer writes in one process and reads in another, which has
    never seen the code. If a peer crashes or hangs, only the item that it was reading is lost,
    and the grid says so. --json prints what --output writes; `grid --help` describes it.

    Exit code 1: an outcome is neither what the clauses demand nor a known divergence, or a peer
    did not take part.
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
            output.exit_with_error(
                f"{one!r}: expected NAME=PYTHON, with an interpreter that can be run"
            )
    if len({peer.name for peer in given}) < len(given):
        output.exit_with_error("duplicate name of a peer")
    output.refuse_input(path, [Path(peer.python) for peer in given])
    if (path.exists() and not path.is_file()) or not os.access(path.parent, os.W_OK):
        output.exit_with_error(f"{path}: cannot be written")
    with progress(wrote=len(given), read=len(given)) as done:
        grid = run(given, jobs or 0, done)
    grid.absent.update(one.partition("=")[::2] for one in missing)
    if as_json:
        click.echo(grid.to_json(), nl=False)
    else:
        show.show(grid, output.console())
    try:
        grid.write(path)
    except OSError as error:
        output.exit_with_error(f"{path}: cannot be written: {error.strerror}")
    sys.exit(ExitCode.OK if grid.ok else ExitCode.FAILED)


@click.command(
    short_help="Show which peer reads what which peer writes.",
    epilog=output.examples("grid --markdown >> summary.md", "grid --heat"),
)
@_grid
@click.option("--markdown", "as_markdown", is_flag=True, help="Print Markdown.")
@click.option("--heat", is_flag=True, help="Print a map: blocks in colour, or letters.")
@output.json_option
def grid(path: Path | None, as_markdown: bool, heat: bool, as_json: bool) -> None:
    """Show the grid of `nox -s interop`: one table per form; peers with equal outcomes are one.

    The JSON has the keys peers, with the versions of each; groups, lists of peers with equal
    outcomes; squares, an outcome each, whose sender and receiver are indices of groups; absent,
    the peers that did not take part, and why.

    Exit code 1: an outcome is neither what the clauses demand nor a known divergence. Exit
    code 2: the grid cannot be read, or more than one of --json, --markdown and --heat is given.
    """
    from conformance.interop import show
    from conformance.interop.heat import show_heat

    if as_json:
        output.refuse_together("--json", {"--markdown": as_markdown, "--heat": heat})
    if as_markdown:
        output.refuse_together("--markdown", {"--heat": heat})
    _, found = next(_grids(path))
    if as_json:
        click.echo(found.to_json(), nl=False)
    elif as_markdown:
        click.echo(show.markdown(found), nl=False)
    elif heat:
        show_heat(found, output.console())
    else:
        show.show(found, output.console())
    sys.exit(ExitCode.OK if found.ok else ExitCode.FAILED)


def _peer(side: str) -> Callable[[_Command], _Command]:
    """Return the options for one of the two peers."""

    def add(command: _Command) -> _Command:
        command = click.option(
            f"--{side}-from",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help=f"A list of requirements, such as the output of pip freeze, for versions that "
            f"--{side} does not give. Markers are evaluated for the Python of the peer.",
        )(command)
        return click.option(
            f"--{side}",
            default="",
            metavar="NAME==VERSION,...",
            help=f'Versions of the {side}; "here": what is installed here.',
        )(command)

    return add


@click.command(
    "can-talk",
    short_help="Say whether one peer reads what another writes.",
    epilog=output.examples(
        "can-talk \\\n"
        "    --sender datafusion==55.0.0,cloudpickle==3.1.2,python==3.12 \\\n"
        "    --receiver datafusion==54.0.0,cloudpickle==2.2.1,python==3.12"
    ),
)
@_peer("sender")
@_peer("receiver")
@click.option(
    "--form",
    type=click.Choice(["inline", "by-name", "chain"]),
    default="inline",
    show_default=True,
    help="inline: the bytes hold the code. by-name: they hold the UDFs' names, from a strict "
    "session, and the receiver has registered them. chain: the code, through a codec with an id.",
)
@click.option(
    "--layer",
    type=click.Choice(["expression", "logical", "physical"]),
    default="expression",
    show_default=True,
    help="Expressions, or plans of one layer.",
)
@_grid
@output.json_option
def can_talk(
    sender: str,
    receiver: str,
    sender_from: Path | None,
    receiver_from: Path | None,
    form: Any,
    layer: Any,
    path: Path | None,
    as_json: bool,
) -> None:
    """Say in one sentence whether RECEIVER reads what SENDER writes, why not, and what to do.

    Each is datafusion==VERSION,cloudpickle==VERSION,python==VERSION, and ,pyarrow==VERSION may
    follow; or "here" alone, for this environment. The answer comes from measured grids; for pairs
    that no grid has, from the clauses, and it says so.

    Exit code 0: yes. Exit code 1: no, or only in part. Exit code 18: not judged, since the
    versions of one peer never were, since a list of requirements names another list, or since the
    engine cannot be imported "here".
    """
    from conformance.interop.answer import Answer, answer
    from conformance.interop.peer_spec import HERE, NotCovered, PeerSpecError, parse_peer

    for side, given, file in (
        ("sender", sender, sender_from),
        ("receiver", receiver, receiver_from),
    ):
        if not given and file is None:
            output.exit_with_error(
                f"--{side} is missing; expected --{side} NAME==VERSION,... or --{side}-from FILE"
            )
        if given == HERE:
            output.refuse_together(f"--{side} {HERE}", {f"--{side}-from": file})
    form = form.replace("-", " ")
    try:
        ends = parse_peer(sender, sender_from), parse_peer(receiver, receiver_from)
        result = answer(_grids(path), *ends, (form, layer))
    except NotCovered as error:
        why = str(error).replace(f"{HERE}: not judged: ", f"{HERE}: ")
        result = Answer("not judged", f"Not judged: {why}.", form, layer, why)
    except PeerSpecError as error:
        output.exit_with_error(str(error), error.code)
    if as_json:
        output.print_json(asdict(result))
    else:
        click.echo(result.sentence)
    codes = {"yes": ExitCode.OK, "not judged": ExitCode.UNJUDGED}
    sys.exit(codes.get(result.talks, ExitCode.FAILED))
