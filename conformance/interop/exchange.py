"""Has every peer write, and then every peer read: two processes a peer, whatever the pairs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, TypeAlias

from conformance import __version__
from conformance.interop.grid import Grid, Reading, Square
from conformance.interop.rules import Column
from conformance.peers.child import Child, ChildError, Hung

WRITING = 120.0
"""Seconds that a peer has to write its corpus."""

READING = 60.0
"""Seconds that a peer has for a batch, and for an item that it hangs or dies of."""

BATCH = 100
PEER = "conformance.interop.peer"
"""What a peer runs: the module with ``write`` and ``read``."""

Item: TypeAlias = "tuple[Column, str]"
Told: TypeAlias = "Callable[[str, str], None]"
"""Is told a peer's name and what it has done: ``wrote`` or ``read``."""


@dataclass(frozen=True)
class Peer:
    """A peer: a name, and the interpreter of the environment that it lives in."""

    name: str
    python: str


@dataclass(frozen=True)
class Blob:
    """Bytes of an item that one peer or several wrote."""

    item: Item
    data: bytes


def exchange(peers: Sequence[Peer], jobs: int = 0, told: Told = lambda _name, _done: None) -> Grid:
    """The grid of these peers. One that cannot write or read is in ``absent``, with the reason.

    Equal bytes of several senders are read once by each receiver.
    """
    grid = Grid(__version__)
    corpora: dict[str, Mapping[Item, bytes]] = {}
    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        for peer, written in _each(pool, _write, peers):
            if isinstance(written, str):
                grid.absent[peer.name] = written
            else:
                grid.peers[peer.name], corpora[peer.name] = written
            told(peer.name, "wrote")
        blobs = {Blob(*one): None for corpus in corpora.values() for one in corpus.items()}
        # What comes by name brings the code along: what is in line must have been read by then.
        order = sorted(blobs, key=lambda blob: blob.item[0][0] == "by name")
        reading = [peer for peer in peers if peer.name in corpora]
        for peer, read in _each(pool, lambda peer: list(_read(peer, order)), reading):
            readings = dict(zip(order, read, strict=True))
            for sender, corpus in corpora.items():
                _enter(grid, sender, peer.name, corpus, readings)
            told(peer.name, "read")
    everything = {item for corpus in corpora.values() for item in corpus}
    for sender, corpus in corpora.items():
        for item in everything - corpus.keys():
            for receiver in corpora:
                _square(grid, sender, receiver, item[0]).counts.setdefault("nothing to read", 0)
    return grid


def _each(
    pool: ThreadPoolExecutor, work: Callable[[Peer], Any], peers: Sequence[Peer]
) -> Iterator[tuple[Peer, Any]]:
    futures = {pool.submit(work, peer): peer for peer in peers}
    for future in as_completed(futures):
        yield futures[future], future.result()


def child_of(peer: Peer) -> Child:
    """A process in the environment of ``peer``, which will write or read there."""
    # Constant sets are pickled in the order of their hashes: equal bytes are read once.
    env = {**os.environ, "PYTHONHASHSEED": "0"}
    env.pop("PYTHONPATH", None)
    return Child(peer.python, env, preload=[PEER])


def _write(peer: Peer) -> tuple[Mapping[str, str], Mapping[Item, bytes]] | str:
    child = child_of(peer)
    try:
        written: tuple[Mapping[str, str], Mapping[Item, bytes]]
        written = child.call(f"{PEER}:write", deadline=WRITING)
    except ChildError as error:
        return f"it did not write: {error}"
    finally:
        child.close()
    return written


def _read(peer: Peer, blobs: Sequence[Blob]) -> Iterator[Reading]:
    """What becomes of each; what kills or hangs the process costs itself alone."""
    child = child_of(peer)
    try:
        for start in range(0, len(blobs), BATCH):
            batch = blobs[start : start + BATCH]
            try:
                yield from _ask(child, batch)
            except ChildError:
                for blob in batch:
                    yield _alone(child, blob)
    finally:
        child.close()


def _ask(child: Child, blobs: Sequence[Blob]) -> list[Reading]:
    items = [(blob.item, blob.data) for blob in blobs]
    read = child.call(f"{PEER}:read", items, deadline=READING)
    return [Reading(blob.item[1], *one) for blob, one in zip(blobs, read, strict=True)]


def _alone(child: Child, blob: Blob) -> Reading:
    try:
        return _ask(child, [blob])[0]
    except ChildError as error:
        return Reading(blob.item[1], "hang" if isinstance(error, Hung) else "crash", str(error))


def _enter(
    grid: Grid,
    sender: str,
    receiver: str,
    corpus: Mapping[Item, bytes],
    readings: Mapping[Blob, Reading],
) -> None:
    for item, data in corpus.items():
        one = readings[Blob(item, data)]
        square = _square(grid, sender, receiver, item[0])
        square.add(grid.peers[sender], grid.peers[receiver], item[0], one)


def _square(grid: Grid, sender: str, receiver: str, column: Column) -> Square:
    return grid.squares.setdefault((sender, receiver, column), Square())
