"""Exchange bytes: every peer writes, then every peer reads, in two processes per peer."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from conformance import __version__
from conformance.interop.grid import UNREAD, Grid, Reading, Square
from conformance.interop.rules import NOTHING, Column, Corpus, Item, rule
from conformance.processes.child import Child, ChildError, Hung

WRITING = 120.0
"""Seconds that a peer has to write its corpus."""

READING = 60.0
"""Seconds that a peer has for a batch, and for an item that it hangs or dies of."""

BATCH = 100

LOST = 20
"""Items that a peer may die of or hang on before it is asked no more."""

PEER = "conformance.interop.peer"
"""What a peer runs: the module with ``write`` and ``read``."""

Told: TypeAlias = "Callable[[str], None]"
"""Is told what a peer has done: ``wrote`` or ``read``."""


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


def exchange(peers: Sequence[Peer], jobs: int = 0, told: Told = lambda _done: None) -> Grid:
    """Return the grid of these peers. One that cannot write or read it all is in ``absent``.

    The reason is beside it.

    Equal bytes of several senders are read once by each receiver.
    """
    grid = Grid(__version__)
    children = _Children()
    corpora: dict[str, Corpus] = {}
    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        try:
            for peer, written in _each(
                pool, partial(_write, children), peers, partial(told, "wrote")
            ):
                if isinstance(written, str):
                    grid.absent[peer.name] = written
                else:
                    grid.peers[peer.name], corpora[peer.name] = written
            items = {item: None for corpus in corpora.values() for item in corpus}
            # What comes by name brings the code along: what is in line must have been read by then.
            order = sorted(
                distinct(corpora.values()), key=lambda blob: blob.item[0][0] == "by name"
            )
            reading = [peer for peer in peers if peer.name in corpora]
            work = partial(_read, children, order)
            for peer, (readings, why) in _each(pool, work, reading, partial(told, "read")):
                if why:
                    grid.absent[peer.name] = why
                for sender, corpus in corpora.items():
                    _enter(grid, sender, peer.name, items, corpus, readings)
        except BaseException:
            children.end()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return grid


def distinct(corpora: Iterable[Corpus]) -> list[Blob]:
    """Return what was written, equal bytes of an item once."""
    return list(
        dict.fromkeys(
            Blob(item, data)
            for corpus in corpora
            for item, data in corpus.items()
            if isinstance(data, bytes)
        )
    )


def _each(
    pool: ThreadPoolExecutor,
    work: Callable[[Peer], Any],
    peers: Sequence[Peer],
    done: Callable[[], None],
) -> Iterator[tuple[Peer, Any]]:
    """Yield what ``work`` returns of each, in their order; ``done`` is told when one has ended."""

    def one(peer: Peer) -> Any:
        result = work(peer)
        done()
        return result

    yield from zip(peers, pool.map(one, peers), strict=True)


def child_of(peer: Peer) -> Child:
    """Return a process in the environment of ``peer``, which will write or read there."""
    # Constant sets are pickled in the order of their hashes: equal bytes are read once.
    env = {**os.environ, "PYTHONHASHSEED": "0"}
    env.pop("PYTHONPATH", None)
    return Child(peer.python, env, preload=[PEER])


class _Children:
    """The processes of an exchange; after its end there are none, nor does one start."""

    def __init__(self) -> None:
        self._open: set[Child] = set()
        self.ended = False

    @contextmanager
    def of(self, peer: Peer) -> Iterator[Child]:
        """Yield a child of ``peer``, which ends with the block."""
        child = child_of(peer)
        self._open.add(child)
        try:
            yield child
        finally:
            self._open.discard(child)
            child.close()

    def call(self, child: Child, target: str, *arguments: Any, deadline: float) -> Any:
        """Return what ``child`` answers. Raises ``CancelledError`` after the end."""
        if self.ended:
            raise CancelledError
        return child.call(f"{PEER}:{target}", *arguments, deadline=deadline)

    def end(self) -> None:
        """Kills them, whatever they are at."""
        self.ended = True
        for pid in [child.pid for child in [*self._open]]:
            if pid is not None:
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)


def _write(children: _Children, peer: Peer) -> tuple[Mapping[str, str], Corpus] | str:
    try:
        with children.of(peer) as child:
            written: tuple[Mapping[str, str], Corpus]
            written = children.call(child, "write", deadline=WRITING)
    except (ChildError, OSError) as error:
        return f"it did not write: {error}"
    return written


def _read(
    children: _Children, blobs: Sequence[Blob], peer: Peer
) -> tuple[Mapping[Blob, Reading], str]:
    """Return the outcome of each item, and why some have none.

    An item that ends the process fails alone.
    """
    readings: dict[Blob, Reading] = {}
    lost = 0
    with children.of(peer) as child:
        for start in range(0, len(blobs), BATCH):
            batch = blobs[start : start + BATCH]
            try:
                readings |= zip(batch, _ask(children, child, batch), strict=True)
                continue
            except ChildError:
                pass
            for blob in batch:
                readings[blob] = one = _alone(children, child, blob)
                lost += one.outcome in ("crash", "hang")
                if lost == LOST:
                    return readings, f"it was asked no more after {LOST} such: {one.text}"
    return readings, ""


def _ask(children: _Children, child: Child, blobs: Sequence[Blob]) -> list[Reading]:
    items = [(blob.item, blob.data) for blob in blobs]
    read = children.call(child, "read", items, deadline=READING)
    return [Reading(blob.item[1], *one) for blob, one in zip(blobs, read, strict=True)]


def _alone(children: _Children, child: Child, blob: Blob) -> Reading:
    try:
        return _ask(children, child, [blob])[0]
    except ChildError as error:
        return Reading(blob.item[1], "hang" if isinstance(error, Hung) else "crash", str(error))


def _enter(
    grid: Grid,
    sender: str,
    receiver: str,
    items: Iterable[Item],
    corpus: Corpus,
    readings: Mapping[Blob, Reading],
) -> None:
    """Return the squares of a pair: the outcomes of all ``items`` that any peer wrote."""
    seen: dict[Column, list[Reading]] = {}
    for item in items:
        data = corpus.get(item, "nothing was written")
        if isinstance(data, str):
            one = Reading(item[1], NOTHING, data)
        else:
            one = readings.get(Blob(item, data), Reading(item[1], UNREAD))
        seen.setdefault(item[0], []).append(one)
    ends = grid.peers[sender], grid.peers[receiver]
    for column, read in seen.items():
        grid.squares[sender, receiver, column] = Square.of(rule(*ends, column), ends[1], read)
