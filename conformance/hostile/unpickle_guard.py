"""Block unpickling: while active, pickles resolve no globals, and every attempt is recorded."""

from __future__ import annotations

import importlib
import io
import pickle
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import Any
from unittest import mock

from conformance.hostile import canary


class UnpicklingBlocked(Exception):
    """An unpickler asked for a global while a guard was active."""


class InertObject:
    """A stand-in for every global in a pickle; calls and changes have no effect."""

    def __new__(cls, *arguments: object, **named: object) -> InertObject:
        """Ignore all arguments."""
        del arguments, named
        return object.__new__(cls)

    def __call__(self, *arguments: object, **named: object) -> InertObject:
        """Return itself."""
        del arguments, named
        return self

    def take(self, *arguments: object) -> None:
        """Ignore all arguments."""

    __setstate__ = __setitem__ = append = extend = add = take


class InertUnpickler(pickle.Unpickler):
    """An unpickler that imports and calls nothing but ``InertObject``."""

    def find_class(self, module: str, name: str, /) -> Any:
        """Return ``InertObject`` in place of the global that the pickle names."""
        del module, name
        return InertObject

    def persistent_load(self, pid: Any, /) -> Any:
        """Return an inert object in place of the persistent one."""
        del pid
        return InertObject()


class UnpickleGuard:
    """Replace ``pickle.loads`` and ``cloudpickle.loads`` with an inert unpickler; record attempts.

    Any other unpickler triggers an audit hook, which records the attempt and raises before
    anything is imported: only a canary notices one that has a ``find_class`` of its own.
    ``attempts`` are the calls and the globals asked for.
    """

    def __init__(self) -> None:
        self.attempts: list[str] = []
        self._events: list[str] = []

    def loads(self, data: Any, **options: Any) -> Any:
        """Load like ``pickle.loads``, with ``InertObject`` for every global."""
        del options
        self.attempts.append("loads")
        return InertUnpickler(io.BytesIO(data)).load()

    @contextmanager
    def active(self) -> Iterator[UnpickleGuard]:
        """Block unpickling inside the block."""
        if not _hooks:  # an audit hook cannot be removed
            sys.addaudithook(_audit)
            _hooks.append("pickle.find_class")
        _active.append(self)
        with ExitStack() as patches, canary.recording() as self._events:
            for name in ("pickle", "cloudpickle"):
                if find_spec(name) is not None:
                    module = importlib.import_module(name)
                    patches.enter_context(mock.patch.object(module, "loads", self.loads))
            try:
                yield self
            finally:
                _active.remove(self)

    def drain(self) -> list[str]:
        """Return the attempts and the canary's events since the last call."""
        drained = [*self.attempts, *self._events]
        self.attempts.clear()
        self._events.clear()
        return drained


_active: list[UnpickleGuard] = []
_hooks: list[str] = []


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    """Raise when a pickle asks for a global while a guard is active."""
    if event == "pickle.find_class" and _active:
        _active[-1].attempts.append(f"pickle.find_class {arguments[0]}.{arguments[1]}")
        raise UnpicklingBlocked("unpickling is blocked here")
