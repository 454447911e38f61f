"""``python -m tasks.bench``: measure the cost of the suite, the exchange and the format."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from conformance.cli import output
from conformance.interop.exchange import Peer
from conformance.util import atomic
from tasks.bench import blobs, cells, document, suite
from tasks.bench.comparison import Round, Step, ratios
from tasks.bench.costs import PASSES, Cost, least
from tasks.bench.machine import cores, machine
from tasks.bench.runners import BenchError, collect_corpora, compare_round, costs, measure_exchange

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
        raise click.BadParameter(f"{given!r}: expected numbers, such as 3,6,12")
    return sizes


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=output.example_lines("nox -s bench", "python -m tasks.bench --no-inspect --rounds 1"),
)
@click.argument("peers", nargs=-1, metavar="[NAME=PYTHON]...", callback=_peers)
@click.option(
    "--cost", "costed", multiple=True, metavar="NAME=PYTHON", callback=_peers,
    help="Measure the cost of frames there; may be given multiple times.",
)  # fmt: skip
@click.option(
    "--peers", "sizes", default="3,6,12,24,48", show_default=True, callback=_sizes,
    help="Numbers of peers for the growth; larger ones than given are skipped.",
)  # fmt: skip
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--no-suite", is_flag=True, help="Skip the cost of the suite.")
@click.option("--no-inspect", is_flag=True, help="Skip the cost of `inspect` on hostile bytes.")
@click.option(
    "--write", "folder", type=click.Path(path_type=Path), help="Write the documents to this folder."
)
def main(
    peers: list[Peer],
    costed: list[Peer],
    sizes: list[int],
    rounds: int,
    no_suite: bool,
    no_inspect: bool,
    folder: Path | None,
) -> None:
    """Measure the cost of the suite, of `inspect` and, with peers, of the exchange and of frames.

    Exit code 1: a ratio or a cost is out of its bounds.
    """
    code = 0 if no_suite else suite.main() or cells.main()
    code |= 0 if no_inspect else _inspect(folder)
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
    written = collect_corpora(peers, jobs)
    first = peers[:SIDE_BY_SIDE]
    seen: list[Round] = []
    for number in range(rounds):
        seen.append(compare_round(first, written, jobs, ENTRIES, PAIRS, seed=number))
        click.echo(f"round {number + 1}: the exchange took {seen[-1].exchange:.1f} s")
    steps: list[Step] = []
    for size in sizes:
        if size <= len(peers):
            steps.append(measure_exchange(peers[:size], written, jobs))
            summary = f"{steps[-1].seconds:.1f} s, {steps[-1].starts} process starts"
            click.echo(f"{size} peers: {summary}")
    compared = list(ratios(seen))
    for one in compared:
        summary = f"of {one.bound}  {'ok' if one.ok else 'OUT'}" if one.bound else ""
        click.echo(f"{one.value:9.2f}  {one.title}  {summary}".rstrip())
    if folder:
        names = [peer.name for peer in peers]
        text = document.exchange(on, names, len(first), seen, compared, steps, jobs)
        atomic.write(folder / "interop-bench.md", text.encode())
    return int(not all(one.ok for one in compared))


def _inspect(folder: Path | None) -> int:
    on, found = machine(), []
    for one in blobs.measure():
        found.append(one)
        click.echo(f"inspect, {one.name}: {one.seconds:.1f} s, {one.memory:.0f} MiB")
    if folder:
        text = document.inspect(on, found)
        atomic.write(folder / "inspect-costs.md", text.encode())
    return int(not all(one.ok for one in found))


def _costs(peers: list[Peer], folder: Path | None) -> None:
    on = machine()
    passes: list[list[Cost]] = []
    for number in range(PASSES):
        passes.append([])
        for peer in peers:
            passes[-1] += costs(peer)
            click.echo(f"pass {number + 1} of {PASSES}, costs of {peer.name}: measured")
    found = least(passes)
    text = document.costs(on, found)
    click.echo(text)
    if folder:
        from tasks.bench import plot

        atomic.write(folder / "costs.md", text.encode())
        plot.draw(found, folder / "costs.svg")


if __name__ == "__main__":
    main()
