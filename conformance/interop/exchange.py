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
from conformance.interop.grid import NOT_RUN, Grid, PairResult, Reading
from conformance.interop.rules import NOT_WRITTEN, Corpus, Item, Mode, rule
from conformance.processes.child import Child, ChildError, Hung

WRITE_TIMEOUT = 120.0
"""Seconds that a peer has to write its corpus."""

READ_TIMEOUT = 60.0
"""Seconds that a peer has for a batch, and for an item that it hangs or dies of."""

BATCH_SIZE = 100

MAX_LOST = 20
"""Items that a peer may die of or hang on before it is asked no more."""

PEER_MODULE = "conformance.interop.peer"
"""What a peer runs: the module with ``write`` and ``read``."""

ProgressCallback: TypeAlias = "Callable[[str], None]"
"""Called with what a peer has done: ``wrote`` or ``read``."""


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


def exchange(
    peers: Sequence[Peer], jobs: int = 0, progress: ProgressCallback = lambda _done: None
) -> Grid:
    """Return the grid of these peers. One that cannot write or read it all is in ``absent``.

    The reason is beside it.

    Equal bytes of several senders are read once by each receiver.
    """
    grid = Grid(__version__)
    children = _Children()
    corpora: dict[str, Corpus] = {}
    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        try:
            for peer, written in _map_peers(
                pool, partial(_write, children), peers, partial(progress, "wrote")
            ):
                if isinstance(written, str):
                    grid.absent[peer.name] = written
                else:
                    grid.peers[peer.name], corpora[peer.name] = written
            items = {item: None for corpus in corpora.values() for item in corpus}
            # What comes by name brings the code along: what is in line must have been read by then.
            order = sorted(
                distinct_blobs(corpora.values()), key=lambda blob: blob.item[0][0] == "by name"
            )
            reading = [peer for peer in peers if peer.name in corpora]
            work = partial(_read, children, order)
            for peer, (readings, why) in _map_peers(pool, work, reading, partial(progress, "read")):
                if why:
                    grid.absent[peer.name] = why
                for sender, corpus in corpora.items():
                    _add_results(grid, sender, peer.name, items, corpus, readings)
        except BaseException:
            children.end()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return grid


def distinct_blobs(corpora: Iterable[Corpus]) -> list[Blob]:
    """Return what was written, equal bytes of an item once."""
    return list(
        dict.fromkeys(
            Blob(item, data)
            for corpus in corpora
            for item, data in corpus.items()
            if isinstance(data, bytes)
        )
    )


def _map_peers(
    pool: ThreadPoolExecutor,
    work: Callable[[Peer], Any],
    peers: Sequence[Peer],
    done: Callable[[], None],
) -> Iterator[tuple[Peer, Any]]:
    """Yield what ``work`` returns of each, in their order; ``done`` is called when one has ended."""

    def one(peer: Peer) -> Any:
        result = work(peer)
        done()
        return result

    yield from zip(peers, pool.map(one, peers), strict=True)


def child_for(peer: Peer) -> Child:
    """Return a process in the environment of ``peer``, which will write or read there."""
    # Constant sets are pickled in the order of their hashes: equal bytes are read once.
    env = {**os.environ, "PYTHONHASHSEED": "0"}
    env.pop("PYTHONPATH", None)
    return Child(peer.python, env, preload=[PEER_MODULE])


class _Children:
    """The processes of an exchange; after its end there are none, nor does one start."""

    def __init__(self) -> None:
        self._open: set[Child] = set()
        self.ended = False

    @contextmanager
    def of(self, peer: Peer) -> Iterator[Child]:
        """Yield a child of ``peer``, which ends with the block."""
        child = child_for(peer)
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
        return child.call(f"{PEER_MODULE}:{target}", *arguments, deadline=deadline)

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
            written = children.call(child, "write", deadline=WRITE_TIMEOUT)
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
        for start in range(0, len(blobs), BATCH_SIZE):
            batch = blobs[start : start + BATCH_SIZE]
            try:
                readings |= zip(batch, _read_batch(children, child, batch), strict=True)
                continue
            except ChildError:
                pass
            for blob in batch:
                readings[blob] = one = _read_one(children, child, blob)
                lost += one.outcome in ("crash", "hang")
                if lost == MAX_LOST:
                    return readings, f"it was asked no more after {MAX_LOST} such: {one.text}"
    return readings, ""


def _read_batch(children: _Children, child: Child, blobs: Sequence[Blob]) -> list[Reading]:
    items = [(blob.item, blob.data) for blob in blobs]
    read = children.call(child, "read", items, deadline=READ_TIMEOUT)
    return [Reading(blob.item[1], *one) for blob, one in zip(blobs, read, strict=True)]


def _read_one(children: _Children, child: Child, blob: Blob) -> Reading:
    try:
        return _read_batch(children, child, [blob])[0]
    except ChildError as error:
        return Reading(blob.item[1], "hang" if isinstance(error, Hung) else "crash", str(error))


def _add_results(
    grid: Grid,
    sender: str,
    receiver: str,
    items: Iterable[Item],
    corpus: Corpus,
    readings: Mapping[Blob, Reading],
) -> None:
    """Return the squares of a pair: the outcomes of all ``items`` that any peer wrote."""
    seen: dict[Mode, list[Reading]] = {}
    for item in items:
        data = corpus.get(item, "nothing was written")
        if isinstance(data, str):
            one = Reading(item[1], NOT_WRITTEN, data)
        else:
            one = readings.get(Blob(item, data), Reading(item[1], NOT_RUN))
        seen.setdefault(item[0], []).append(one)
    ends = grid.peers[sender], grid.peers[receiver]
    for mode, read in seen.items():
        grid.results[sender, receiver, mode] = PairResult.of(rule(*ends, mode), ends[1], read)
