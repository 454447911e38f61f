"""Decode pickled expressions in another process than the one that wrote them."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from conformance.catalogue import get
from conformance.processes.child import Child
from conformance.runner.assertions import (
    Mismatch,
)
from conformance.runner.results import assert_entry_result
from conformance.subjects import current


@contextmanager
def another_process() -> Iterator[Child]:
    """Yield a new process that has created the subject, and decoded nothing."""
    peer = Child(env=current.environment())
    try:
        peer.submit(
            "conformance.subjects.current:create",
            current.environment()["CONFORMANCE_SUBJECT"],
            current.search_path(),
        )
        yield peer
    finally:
        peer.close()


def decode_all(pickles: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    """Decode and evaluate each (entry id, pickle); return the failures by entry id."""
    failures = {}
    for entry, data in pickles:
        try:
            assert_entry_result(current.subject(), pickle.loads(data), get(entry))
        except Mismatch as error:
            failures[entry] = f"{error}: {error.seen}"
        except Exception as error:  # noqa: BLE001 - one entry's error must not hide the others
            failures[entry] = f"{type(error).__name__}: {error}"
    return failures
