"""The door: behind it nothing that came in bytes is run, and who knocks is noted."""

from __future__ import annotations

import importlib
import io
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from conformance.fuzz import canary


class Stopped(Exception):
    """Something asked for a global that a pickle names; it did not get it."""


class Anything:
    """What a harmless unpickler takes for every global: it can be called, filled, changed."""

    def __new__(cls, *arguments: object, **named: object) -> Anything:
        """Whatever it is called with."""
        del arguments, named
        return object.__new__(cls)

    def __call__(self, *arguments: object, **named: object) -> Anything:
        """Itself."""
        del arguments, named
        return self

    def take(self, *arguments: object) -> None:
        """Nothing."""

    __setstate__ = __setitem__ = append = extend = add = take


class Harmless(pickle.Unpickler):
    """An unpickler that imports and calls nothing but ``Anything``."""

    def find_class(self, module: str, name: str, /) -> Any:
        """Not what the pickle names."""
        del module, name
        return Anything

    def persistent_load(self, pid: Any, /) -> Any:
        """Not what the pickle names."""
        del pid
        return Anything()


class Door:
    """Stands in for ``cloudpickle.loads``; counts knocks, lets a tuple of harmless things pass.

    Who unpickles by another way meets an audit hook: it notes that, and raises before
    anything is imported. ``knocks`` are the calls and the globals asked for.
    """

    def __init__(self) -> None:
        self.knocks: list[str] = []
        self._song: list[str] = []

    def loads(self, data: Any, **options: Any) -> Any:
        """What ``cloudpickle.loads`` gives, with ``Anything`` for every global."""
        del options
        self.knocks.append("cloudpickle.loads")
        return Harmless(io.BytesIO(data)).load()

    @contextmanager
    def shut(self) -> Iterator[Door]:
        """Nothing passes inside the block."""
        if not _hooks:  # a hook stays for as long as the process lives
            sys.addaudithook(_audit)
            _hooks.append("pickle.find_class")
        cloudpickle: Any = importlib.import_module("cloudpickle") if _there() else None
        genuine = getattr(cloudpickle, "loads", None)
        if cloudpickle:
            cloudpickle.loads = self.loads
        _shut.append(self)
        with canary.listening() as self._song:
            try:
                yield self
            finally:
                _shut.remove(self)
                if cloudpickle:
                    cloudpickle.loads = genuine

    def heard(self) -> list[str]:
        """What knocked, or sang, since the last call."""
        told = [*self.knocks, *self._song]
        self.knocks.clear()
        self._song.clear()
        return told


_shut: list[Door] = []
_hooks: list[str] = []


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    """Nobody gets a pickle's global while a door is shut."""
    if event == "pickle.find_class" and _shut:
        _shut[-1].knocks.append(f"pickle.find_class {arguments[0]}.{arguments[1]}")
        raise Stopped("a pickle is not to be run here")


def _there() -> bool:
    return find_spec("cloudpickle") is not None
