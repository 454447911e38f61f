"""``python -m tasks.bench``: what the suite, the exchange and the format cost."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from conformance.interop.exchange import Peer
from conformance.util import atomic
from tasks.bench import document, suite
from tasks.bench.comparison import Round, Step, ratios
from tasks.bench.costs import Cost
from tasks.bench.machine import cores, machine
from tasks.bench.runners import BenchError, corpora, costs, side_by_side, step

SIDE_BY_SIDE = 12
"""Peers in the comparison."""

ENTRIES, PAIRS = 40, 12
"""Processes in the samples of a round."""


def _peers(_context: click.Context, _option: click.Parameter, given: Sequence[str]) -> list[Peer]:
    peers = [Peer(*one.partition("=")[::2]) for one in given]
    for peer in peers:
        if not Path(peer.python).is_file():
            raise click.BadParameter(f"{peer.name}: no interpreter {peer.python or 'given'!r}")
    return peers


def _sizes(_context: click.Context, _option: click.Parameter, given: str) -> list[int]:
    try:
        sizes = sorted({int(size) for size in given.split(",")})
    except ValueError:
        sizes = []
    if not sizes or sizes[0] < 1:
        raise click.BadParameter(f"{given!r}: must be numbers, as in 3,6,12")
    return sizes


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("peers", nargs=-1, metavar="[NAME=PYTHON]...", callback=_peers)
@click.option(
    "--cost", "costed", multiple=True, metavar="NAME=PYTHON", callback=_peers,
    help="Measure what frames cost there; may stand more than once.",
)  # fmt: skip
@click.option(
    "--peers", "sizes", default="3,6,12,24,48", show_default=True, callback=_sizes,
    help="How many peers, for the growth: as far as there are as many.",
)  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--no-suite", is_flag=True, help="Leave out what the suite costs.")
@click.option("--write", "folder", type=click.Path(path_type=Path), help="Write the documents.")
def main(
    peers: list[Peer],
    costed: list[Peer],
    sizes: list[int],
    rounds: int,
    no_suite: bool,
    folder: Path | None,
) -> None:
    """Measure what the suite costs; with peers, what they cost to exchange, and what frames do.

    Exit code 1 where a ratio is out of its bound.
    """
    code = 0 if no_suite else suite.main()
    try:
        if peers:
            code |= _exchange(peers, sizes, rounds, folder)
        if costed:
            _costs(costed, folder)
    except BenchError as error:
        sys.exit(f"bench: {error}")
    sys.exit(code)


def _exchange(peers: list[Peer], sizes: list[int], rounds: int, folder: Path | None) -> int:
    on, jobs = machine(), cores()
    click.echo(f"{on}; {jobs} peers at a time")
    peers = peers[: max(*sizes, SIDE_BY_SIDE)]
    written = corpora(peers, jobs)
    first = peers[:SIDE_BY_SIDE]
    seen: list[Round] = []
    for number in range(rounds):
        seen.append(side_by_side(first, written, jobs, ENTRIES, PAIRS, seed=number))
        click.echo(f"round {number + 1}: the exchange took {seen[-1].exchange:.1f} s")
    steps: list[Step] = []
    for size in sizes:
        if size <= len(peers):
            steps.append(step(peers[:size], written, jobs))
            said = f"{steps[-1].seconds:.1f} s, {steps[-1].starts} process starts"
            click.echo(f"{size} peers: {said}")
    compared = list(ratios(seen))
    for one in compared:
        said = f"of {one.bound}  {'ok' if one.ok else 'OUT'}" if one.bound else ""
        click.echo(f"{one.value:9.2f}  {one.title}  {said}".rstrip())
    if folder:
        names = [peer.name for peer in peers]
        text = document.exchange(on, names, len(first), seen, compared, steps, jobs)
        atomic.write(folder / "interop-bench.md", text.encode())
    return int(not all(one.ok for one in compared))


def _costs(peers: list[Peer], folder: Path | None) -> None:
    on = machine()
    found: list[Cost] = []
    for peer in peers:
        found += costs(peer)
        click.echo(f"costs of {peer.name}: measured")
    text = document.costs(on, found)
    click.echo(text)
    if folder:
        from tasks.bench import plot

        atomic.write(folder / "costs.md", text.encode())
        plot.draw(found, folder / "costs.svg")


if __name__ == "__main__":
    main()
