"""Detect unpickling: a payload whose lookup, import and call are recorded."""

from __future__ import annotations

import importlib
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

CALLED = "call"
"""The event of a canary whose payload was unpickled to its end."""

FULL_TRACE = ["find_class", "import", CALLED]
"""The events that a canary records if its payload is unpickled; fewer if it is only looked up.

The first comes from the audit hook ``pickle.find_class``: an unpickler asked for the
canary's target, whether or not it got it. An unpickler with a ``find_class`` of its own
triggers no audit hook.
"""

_TARGET = "conformance.hostile.canary_target"
_events: list[str] = []
_hooks: list[str] = []


def record(event: str) -> None:
    """Record an event."""
    _events.append(event)


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event == "pickle.find_class" and arguments[0] == _TARGET:
        record("find_class")


class Canary:
    """An object whose pickle imports the target and calls it."""

    def __reduce__(self) -> tuple[Callable[[], str], tuple[()]]:
        """Name the target's ``run``, which unpickling calls."""
        return importlib.import_module(_TARGET).run, ()


def payload(held: int = 0) -> bytes:
    """Return a canary payload: a pickle that runs the target and is no UDF's tuple.

    Behind the canary it holds as many more bytes.
    """
    return pickle.dumps((Canary(), bytes(held)) if held else Canary())


@contextmanager
def recording() -> Iterator[list[str]]:
    """Yield a list of the events that are recorded inside the block."""
    if not _hooks:  # an audit hook cannot be removed
        sys.addaudithook(_audit)
        _hooks.append("pickle.find_class")
    sys.modules.pop(_TARGET, None)  # so that the next import is recorded
    _events.clear()
    yield _events


def spy_on_loads() -> Any:
    """Patch ``cloudpickle.loads`` with a mock that counts its calls and passes them on."""
    cloudpickle = importlib.import_module("cloudpickle")
    return mock.patch.object(cloudpickle, "loads", wraps=cloudpickle.loads)
