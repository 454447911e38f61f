"""Format the measurements as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from packaging.version import Version

from tasks.bench.blobs import MAX_MIB, MAX_SECONDS, MIB, Measured
from tasks.bench.comparison import Ratio, Round, Step
from tasks.bench.costs import FAMILIES, PASSES, ROUNDS, Cost
from tasks.bench.machine import Machine


def exchange(
    on: Machine,
    peers: Sequence[str],
    compared: int,
    rounds: Sequence[Round],
    ratios: Iterable[Ratio],
    steps: Sequence[Step],
    jobs: int,
) -> str:
    """Return the page that compares the exchange with other methods and shows its growth."""
    first = rounds[0]
    pairs, sent = first.pair.needed, first.entry.needed

    def seconds(values: Iterable[float]) -> str:
        return f"{median(values):,.1f}"

    ways = [
        ("the exchange", seconds(one.exchange for one in rounds), "measured"),
        ("a process for each pair and entry", seconds(one.entry.total for one in rounds),
         f"extrapolated from {first.entry.taken} processes a round, of {first.entry.needed:,}"),
        ("a process for each pair", seconds(one.pair.total for one in rounds),
         f"extrapolated from {first.pair.taken} processes a round, of {pairs}"),
        ("bare decoding and evaluating, one start a peer",
         seconds(one.bare.total for one in rounds), "measured, over the jobs"),
        ("the same, equal bytes once", seconds(one.distinct.total for one in rounds),
         "measured, over the jobs"),
    ]  # fmt: skip
    return "\n".join(
        [
            "# What the exchange costs",
            "",
            f"Written by `nox -s bench -- --write`. {on}; {jobs} peers at a time.",
            "",
            f"{compared} x {compared} peers, {sent // pairs} entries each: {sent:,} readings. "
            f"The ways take turns. Rounds: {len(rounds)}; each number is the median of the rounds.",
            "",
            *_table(("way", "seconds", "how"), ways),
            "",
            *_table(
                ("ratio", "seen", "bound"),
                [(one.title, f"{one.value:,.2f}", _verdict(one)) for one in ratios],
            ),
            "",
            "The exchange includes that every peer writes; the other ways only read what was "
            "written. A process of theirs is what the exchange starts, too: it imports engine, "
            "pyarrow and the catalogue, reads, and ends. The naive runner of the bound starts one "
            "for each pair of peers and entry, so that nothing that was read before can be the "
            "reason of a result; with one for each pair there is little to gain but what equal "
            "bytes save. Processes of the samples are drawn at random. The bare loops have "
            "sessions, registrations and tables made before, outside of the time that counts, "
            "compare nothing, and are taken as if no core were idle.",
            "",
            "## Growth",
            "",
            "One run each.",
            "",
            *_table(
                ("peers", "pairs", "seconds", "process starts", "sent", "read", "s a peer"),
                [
                    (
                        *(str(one.peers), str(one.peers**2), f"{one.seconds:.1f}"),
                        *(str(one.starts), f"{one.sent:,}", f"{one.read:,}"),
                        f"{one.seconds / one.peers:.2f}",
                    )
                    for one in steps
                ],
            ),
            "",
            "`sent` counts items from each peer to each, `read` what is left where a peer reads "
            "equal bytes once: with more peers more of them write the same.",
            "",
            "## Peers",
            "",
            f"A size takes the first of them; the comparison the first {compared}.",
            "",
            *(f"{number}. {name}" for number, name in enumerate(peers, 1)),
            "",
        ]
    )


def _verdict(ratio: Ratio) -> str:
    return f"{ratio.bound}: {'ok' if ratio.ok else 'OUT'}" if ratio.bound else ""


def costs(on: Machine, found: Sequence[Cost]) -> str:
    """Return the page of costs, with a row per family and versions: inline and by name."""
    pairs: dict[tuple[object, ...], dict[str, Cost]] = {}
    for cost in found:
        versions = map(Version, (cost.engine, cost.cloudpickle, cost.python))
        pairs.setdefault((FAMILIES.index(cost.family), *versions), {})[cost.form] = cost
    rows = []
    for key in sorted(pairs):
        inline, named = pairs[key]["inline"], pairs[key]["by name"]
        rows.append(
            (
                *(inline.family, inline.engine, inline.cloudpickle, inline.python),
                *(f"{inline.bytes:,}", f"{inline.most:,}", f"{named.bytes:,}"),
                *(f"{inline.encode:,.1f}", f"{named.encode:,.1f}"),
                *(f"{inline.decode:,.1f}", f"{named.decode:,.1f}"),
            )
        )
    counts = {cost.family: cost.entries for cost in found}
    summary = ", ".join(f"{count} {family}" for family, count in counts.items())
    head = (
        *("family", "engine", "cloudpickle", "Python"),
        *("bytes inline", "largest", "by name"),
        *("µs to encode inline", "by name", "µs to decode inline", "by name"),
    )
    return "\n".join(
        [
            "# What the format costs its users",
            "",
            f"Written by `nox -s bench -- --write`. {on}.",
            "",
            "`Expr.to_bytes` writes whole expressions, and `Expr.from_bytes` reads them: the "
            f"catalogue's entries with UDFs of one family ({summary}). A row shows the median "
            f"entry. The time of an entry is the median of {ROUNDS} rounds in a warm process, and "
            f"the least of {PASSES} passes over all versions. Before each decode, cloudpickle's "
            "table of classes is cleared. By name, the session has the UDFs registered.",
            "",
            "![Bytes and microseconds, inline and by name](costs.svg)",
            "",
            *_table(head, rows),
            "",
        ]
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        "|" + " --- |" * len(head),
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def inspect(on: Machine, found: Sequence[Measured]) -> str:
    """Return the page of what `inspect` costs on hostile bytes."""
    return "\n".join(
        [
            "# What `inspect` costs on hostile bytes",
            "",
            f"Written by `nox -s bench -- --write`. {on}.",
            "",
            "`dfpy-conformance inspect --json --opcodes` on bytes that were made to cost much, "
            f"each in a process of its own. Bounds: {MAX_SECONDS:.0f} CPU seconds, and "
            f"{MAX_MIB} MiB beside three times the file.",
            "",
            *_table(
                ("bytes", "MiB", "CPU seconds", "MiB of memory", "MiB of output", "verdict"),
                [
                    (
                        one.name,
                        f"{one.size / MIB:.1f}",
                        f"{one.seconds:.1f}",
                        f"{one.memory:.0f}",
                        f"{one.output / MIB:.1f}",
                        "ok" if one.ok else "**out**",
                    )
                    for one in found
                ],
            ),
            "",
        ]
    )
