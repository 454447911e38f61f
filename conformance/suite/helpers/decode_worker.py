"""The far end of a round trip: reads pickled expressions in a process of its own."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

from conformance.catalogue import get
from conformance.runner import child
from conformance.runner.assertions import Mismatch, assert_entry_result


def decode_all(written: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    """Decode and evaluates each (entry id, pickle); returns what went wrong, by entry."""
    wrong = {}
    for entry, data in written:
        try:
            assert_entry_result(child.subject(), pickle.loads(data), get(entry))
        except Mismatch as error:
            wrong[entry] = f"{error}: {error.seen}"
        except Exception as error:  # noqa: BLE001 - one entry's error must not hide the others
            wrong[entry] = f"{type(error).__name__}: {error}"
    return wrong
