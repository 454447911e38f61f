"""Control cloudpickle's class tracker, which identifies classes pickled by value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from unittest import mock


@contextmanager
def deterministic_class_ids(entry: str) -> Iterator[None]:
    """Make cloudpickle number the classes that it pickles by value: ``entry#0``, ``entry#1``, ...

    cloudpickle takes these ids from ``uuid.uuid4`` and uses that function for nothing else.
    """
    numbers = iter(range(1_000_000))

    def next_id() -> SimpleNamespace:
        return SimpleNamespace(hex=f"{entry}#{next(numbers)}")

    with mock.patch("uuid.uuid4", next_id):
        yield


def number_classes(udf: str, callable_: Callable[..., Any]) -> None:
    """Assign deterministic ids to the classes in ``callable_``; they keep them from then on."""
    with deterministic_class_ids(udf):
        import_module("cloudpickle").dumps(callable_)


def clear_class_tracker() -> None:
    """Make cloudpickle rebuild classes from bytes, even if it has seen their ids.

    cloudpickle caches rebuilt classes by id, and all goldens of a case share their ids:
    without this call the second golden would be decoded with the first one's class.
    Without cloudpickle this does nothing.
    """
    with suppress(ModuleNotFoundError):
        import_module("cloudpickle.cloudpickle")._DYNAMIC_CLASS_TRACKER_BY_ID.clear()
