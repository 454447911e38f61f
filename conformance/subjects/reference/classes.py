"""Decode classes by value without touching those that are alive."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from importlib import import_module
from threading import RLock
from typing import Any
from weakref import WeakValueDictionary

_lock = RLock()


@contextmanager
def new_classes() -> Iterator[None]:
    """Make the pickler make a new class for each class in a payload, inside the block.

    cloudpickle otherwise reuses a class that has the same id, and overwrites its attributes.
    """
    pickler: Any = import_module("cloudpickle.cloudpickle")
    with _lock:
        known: MutableMapping[str, type] = pickler._DYNAMIC_CLASS_TRACKER_BY_ID
        pickler._DYNAMIC_CLASS_TRACKER_BY_ID = WeakValueDictionary()
        try:
            yield
        finally:
            pickler._DYNAMIC_CLASS_TRACKER_BY_ID = known
