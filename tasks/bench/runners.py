"""Run the methods of exchanging bytes that the benchmark compares."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeAlias
from unittest import mock

from conformance.interop.exchange import (
    PEER_MODULE,
    READ_TIMEOUT,
    WRITE_TIMEOUT,
    Peer,
    child_for,
    distinct_blobs,
    exchange,
)
from conformance.interop.rules import Item
from conformance.processes.child import Child, ChildError
from tasks.bench.comparison import Bare, Round, Sample, Step
from tasks.bench.costs import Cost

BARE = "tasks.bench.bare"
COSTS = "tasks.bench.costs"
LOOP_TIMEOUT = 1800.0
"""Seconds for a bare loop or for measuring costs."""

Corpora: TypeAlias = "Mapping[str, Mapping[Item, bytes]]"


class BenchError(Exception):
    """Nothing can be compared; the text gives the reason."""


def collect_corpora(peers: Sequence[Peer], jobs: int) -> Corpora:
    """Return the corpus that each peer writes, by peer."""

    def write(peer: Peer) -> Mapping[Item, bytes]:
        written = _call(peer, f"{PEER_MODULE}:write", deadline=WRITE_TIMEOUT)[1]
        return {item: data for item, data in written.items() if isinstance(data, bytes)}

    with ThreadPoolExecutor(jobs) as pool:
        return dict(zip((peer.name for peer in peers), pool.map(write, peers), strict=True))


def measure_exchange(peers: Sequence[Peer], written: Corpora, jobs: int) -> Step:
    """Run and measure one exchange of these peers."""
    with _count_starts() as started:
        start = time.perf_counter()
        grid = exchange(peers, jobs)
        seconds = time.perf_counter() - start
    if grid.absent:
        raise BenchError("; ".join(f"{name}: {why}" for name, why in grid.absent.items()))
    return Step(
        peers=len(peers),
        seconds=seconds,
        starts=len(started),
        sent=len(peers) * sum(len(written[peer.name]) for peer in peers),
        read=len(peers) * len(_distinct(written, peers)),
    )


def compare_round(
    peers: Sequence[Peer], written: Corpora, jobs: int, entries: int, pairs: int, seed: int
) -> Round:
    """Run a round: the exchange, samples of ``entries`` and ``pairs`` processes, the bare loops."""
    draw = random.Random(seed)
    everything = [(item, data) for peer in peers for item, data in written[peer.name].items()]
    corpus = [[*written[peer.name].items()] for peer in peers]
    exchanged = measure_exchange(peers, written, jobs)
    one = [(draw.choice(peers), [draw.choice(everything)]) for _ in range(entries)]
    whole = [(draw.choice(peers), draw.choice(corpus)) for _ in range(pairs)]
    return Round(
        exchanged.seconds,
        Sample(_process_seconds(one, jobs), len(one), exchanged.sent),
        Sample(_process_seconds(whole, jobs), len(whole), len(peers) ** 2),
        _run_bare_loops(peers, everything, jobs),
        _run_bare_loops(peers, _distinct(written, peers), jobs),
    )


def costs(peer: Peer) -> list[Cost]:
    """Measure the cost of frames with this peer's engine, on an otherwise idle machine."""
    found: list[Cost] = _call(peer, f"{COSTS}:measure", deadline=LOOP_TIMEOUT)
    return found


def _distinct(written: Corpora, peers: Sequence[Peer]) -> list[tuple[Item, bytes]]:
    blobs = distinct_blobs(written[peer.name] for peer in peers)
    return [(blob.item, blob.data) for blob in blobs]


def _process_seconds(tasks: Sequence[tuple[Peer, Any]], jobs: int) -> float:
    """Return the seconds to read each task in a new process; crashes count with their time."""

    def read(task: tuple[Peer, Any]) -> None:
        with contextlib.suppress(ChildError):
            _call(task[0], f"{PEER_MODULE}:read", task[1], deadline=READ_TIMEOUT)

    return _wall_seconds(read, tasks, jobs)


def _wall_seconds(work: Callable[[Any], None], tasks: Sequence[Any], jobs: int) -> float:
    with ThreadPoolExecutor(jobs) as pool:
        start = time.perf_counter()
        list(pool.map(work, tasks))
        return time.perf_counter() - start


def _run_bare_loops(peers: Sequence[Peer], items: Sequence[tuple[Item, bytes]], jobs: int) -> Bare:
    def loop(peer: Peer) -> tuple[float, float]:
        child = child_for(peer)
        try:
            start = time.perf_counter()
            child.call(f"{BARE}:ready", deadline=READ_TIMEOUT)
            up = time.perf_counter() - start
            seconds, _ = child.call(f"{BARE}:run", items, deadline=LOOP_TIMEOUT)
            return seconds, up
        finally:
            child.close()

    with ThreadPoolExecutor(jobs) as pool:
        loops, starts = zip(*pool.map(loop, peers), strict=True)
    return Bare(sum(loops), sum(starts), jobs)


def _call(peer: Peer, target: str, *arguments: Any, deadline: float) -> Any:
    child = child_for(peer)
    try:
        return child.call(target, *arguments, deadline=deadline)
    finally:
        child.close()


@contextmanager
def _count_starts() -> Iterator[list[None]]:
    """Yield a list that grows with each process that a ``Child`` starts."""
    started: list[None] = []
    launch = Child._launch

    def counted(self: Child, *descriptors: int) -> Any:
        started.append(None)
        return launch(self, *descriptors)

    with mock.patch.object(Child, "_launch", counted):
        yield started
