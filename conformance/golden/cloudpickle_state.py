"""cloudpickle's memory of the classes that it took by value or made of bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from unittest import mock


@contextmanager
def deterministic_class_ids(entry: str) -> Iterator[None]:
    """Give the classes that cloudpickle takes by value plain ids, one each: ``entry#0``, ...

    cloudpickle draws them from ``uuid.uuid4``, and only these.
    """
    numbers = iter(range(1_000_000))

    def plain() -> SimpleNamespace:
        return SimpleNamespace(hex=f"{entry}#{next(numbers)}")

    with mock.patch("uuid.uuid4", plain):
        yield


def number_classes(udf: str, callable_: Callable[..., Any]) -> None:
    """Give the classes in ``callable_`` the plain ids that they keep from then on."""
    with deterministic_class_ids(udf):
        import_module("cloudpickle").dumps(callable_)


def clear_class_tracker() -> None:
    """Make cloudpickle build the next class from its bytes, even if it knows the id.

    It keeps classes by their ids, and goldens of one case share them: without
    this the second golden would be read with the first one's class. Where
    there is no cloudpickle there is nothing to forget.
    """
    with suppress(ModuleNotFoundError):
        import_module("cloudpickle.cloudpickle")._DYNAMIC_CLASS_TRACKER_BY_ID.clear()
