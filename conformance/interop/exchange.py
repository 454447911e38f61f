"""Exchange bytes: every peer writes, then every peer reads, in two processes per peer."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from conformance import __version__
from conformance.interop.grid import NOT_RUN, Grid, PairResult, Reading
from conformance.interop.rules import NOT_WRITTEN, Corpus, Item, Mode, rule
from conformance.matrix import read as read_matrix
from conformance.processes.child import Child, ChildError, Hung
from conformance.util.versions import minor_version

WRITE_TIMEOUT = 120.0
"""Seconds for a peer to write its corpus."""

READ_TIMEOUT = 60.0
"""Seconds for a peer to read a batch or, after a crash or hang, a single item."""

BATCH_SIZE = 100

MAX_LOST = 20
"""Crashes and hangs after which a peer is dropped."""

PEER_MODULE = "conformance.interop.peer"
"""The module with ``write`` and ``read`` that a peer runs."""

_WAIT = 0.25
"""Seconds of one wait for a peer."""

ProgressCallback: TypeAlias = "Callable[[str], None]"
"""Called with what a peer has done: ``wrote`` or ``read``."""


@dataclass(frozen=True)
class Peer:
    """A peer: a name, and the interpreter of its environment."""

    name: str
    python: str


@dataclass(frozen=True)
class Blob:
    """The bytes of an item, written by one or more peers."""

    item: Item
    data: bytes


def exchange(
    peers: Sequence[Peer], jobs: int = 0, progress: ProgressCallback = lambda _done: None
) -> Grid:
    """Let every peer write and read, and return the grid.

    ``absent`` lists the peers that did not write, or not read everything, with the reason.
    Each receiver reads equal bytes of several senders once.
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
            # Reading by name registers the code: inline items must be read before.
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
    """Return the written bytes; equal bytes of an item appear once."""
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
    """Yield each peer with the result of ``work``, in order; call ``done`` after each."""

    def one(peer: Peer) -> Any:
        result = work(peer)
        done()
        return result

    futures = [pool.submit(one, peer) for peer in peers]
    for peer, future in zip(peers, futures, strict=True):
        while wait([future], timeout=_WAIT).not_done:
            pass  # a wait without a limit can miss an interrupt that comes just before it
        yield peer, future.result()


def child_for(peer: Peer) -> Child:
    """Return a child process in the environment of ``peer``."""
    # A fixed hash seed fixes the order of pickled sets, so that equal items have equal bytes.
    env = {**os.environ, "PYTHONHASHSEED": "0"}
    env.pop("PYTHONPATH", None)
    return Child(peer.python, env, preload=[PEER_MODULE])


class _Children:
    """The child processes of an exchange; after ``end`` none is left and none starts."""

    def __init__(self) -> None:
        self._open: set[Child] = set()
        self.ended = False

    @contextmanager
    def of(self, peer: Peer) -> Iterator[Child]:
        """Yield a child of ``peer`` and close it at the end of the block."""
        child = child_for(peer)
        self._open.add(child)
        try:
            yield child
        finally:
            self._open.discard(child)
            child.close()

    def call(self, child: Child, target: str, *arguments: Any, deadline: float) -> Any:
        """Call ``target`` in the child; raise ``CancelledError`` after ``end``."""
        child.start()
        if self.ended:  # it may not have seen this child
            raise CancelledError
        return child.call(f"{PEER_MODULE}:{target}", *arguments, deadline=deadline)

    def end(self) -> None:
        """Kill all children."""
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
    if wrong := _contradiction(peer.name, written[0]):
        return wrong
    return written


def _contradiction(name: str, versions: Mapping[str, str]) -> str:
    """Return how the versions of a peer contradict the cell after which it is named."""
    claim = next((cell.claim for cell in read_matrix().cells() if cell.name == name), {})
    for key, claimed in claim.items():
        seen = minor_version(versions[key]) if key == "python" else versions[key]
        if seen != claimed:
            return f"it is not what its name says: expected {key} {claimed}, found {versions[key]}"
    return ""


def _read(
    children: _Children, blobs: Sequence[Blob], peer: Peer
) -> tuple[Mapping[Blob, Reading], str]:
    """Return the outcome of each item, and the reason if some have none.

    If an item crashes or hangs the process, only this item is lost.
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
                    return (
                        readings,
                        f"dropped after {MAX_LOST} crashes or hangs; the last: {one.text}",
                    )
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
    """Add the results of a pair to the grid, with an outcome for each of ``items``."""
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
