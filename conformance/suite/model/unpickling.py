"""Record what an unpickler looks up for a payload: an audit hook, which cannot be removed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_lists: list[list[str]] = []
_hooks: list[str] = []


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    # A callable by value is made by functions of the pickler; the outer pickle names no such one.
    if event == "pickle.find_class" and str(arguments[0]).startswith("cloudpickle"):
        for events in _lists:
            events.append(f"{arguments[0]}.{arguments[1]}")


@contextmanager
def recorded() -> Iterator[list[str]]:
    """Yield a list of what is looked up inside the block to make callables."""
    if not _hooks:
        sys.addaudithook(_audit)
        _hooks.append("pickle.find_class")
    events: list[str] = []
    _lists.append(events)
    try:
        yield events
    finally:
        _lists.remove(events)
