"""Callables that cannot be pickled or unpickled."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn
from unittest import mock

from conformance.subjects.interface import Subject

ERRORS: dict[str, type[Exception]] = {
    one.__name__: one
    for one in (
        AttributeError,
        ImportError,
        MemoryError,
        NotImplementedError,
        OSError,
        RecursionError,
        UserWarning,
    )
}
REASONS = ["file", "socket", "generator", "session", "deep", "refusal", "missing", "raising"]
REASONS += ERRORS
"""Reasons why pickling fails: an object that the callable holds, its error, or the pickler."""

INTERRUPTS: dict[str, type[BaseException]] = {
    "KeyboardInterrupt": KeyboardInterrupt,
    "SystemExit": SystemExit,
}


class RefusesPickling:
    """A callable that raises ``error`` when it is pickled, unless ``error`` is None."""

    def __init__(self, inner: Callable[..., Any], error: BaseException | None) -> None:
        self.inner, self.error = inner, error

    def __call__(self, *arguments: Any) -> Any:
        return self.inner(*arguments)

    def __reduce__(self) -> Any:
        if self.error is not None:
            raise self.error
        return RefusesPickling, (self.inner, None)


class InterruptsUnpickling:
    """A callable whose unpickling raises an interrupt."""

    def __init__(self, inner: Callable[..., Any], kind: str) -> None:
        self.inner, self.kind = inner, kind

    def __call__(self, *arguments: Any) -> Any:
        return self.inner(*arguments)

    def __reduce__(self) -> Any:
        return interrupt, (self.kind,)


def interrupt(kind: str) -> NoReturn:
    """Raise the interrupt of this name."""
    raise INTERRUPTS[kind]


def close_over(thing: object, inner: Callable[..., Any]) -> Callable[..., Any]:
    """Return a callable like ``inner`` that closes over ``thing``."""
    return lambda *arguments: (thing, inner(*arguments))[1]


@contextmanager
def unpicklable(
    subject: Subject, reason: str, inner: Callable[..., Any]
) -> Iterator[Callable[..., Any]]:
    """Yield a callable like ``inner`` that cannot be pickled inside the block."""
    if reason == "file":
        with open(os.devnull, "w") as file:  # cloudpickle can pickle files open for reading
            yield close_over(file, inner)
    elif reason == "socket":
        with socket.socket() as unconnected:
            yield close_over(unconnected, inner)
    elif reason == "generator":
        yield close_over((number for number in (1, 2)), inner)
    elif reason == "session":
        yield close_over(subject.session(), inner)
    elif reason == "deep":
        nested: list[Any] = []
        for _ in range(100_000):
            nested = [nested]
        yield close_over(nested, inner)
    elif reason == "refusal":
        yield RefusesPickling(inner, ValueError("no pickle of this"))
    elif reason in ERRORS:
        yield RefusesPickling(inner, ERRORS[reason]("no pickle of this"))
    elif reason == "missing":
        with no_pickler():
            yield inner
    else:
        raising = ValueError("no pickle of anything")
        # Every way to use the pickler comes through here; not every subject calls `dumps`.
        with mock.patch("cloudpickle.CloudPickler.dump", side_effect=raising):
            yield inner


@contextmanager
def no_pickler() -> Iterator[None]:
    """Make cloudpickle impossible to import inside the block."""
    with mock.patch.dict(sys.modules, {"cloudpickle": None}):
        yield
