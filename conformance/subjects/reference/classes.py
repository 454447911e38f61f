"""Unpickle classes by value without touching those that are alive."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any


class Unpickler(pickle.Unpickler):
    """Reads cloudpickle's pickles; each class by value in them is new.

    cloudpickle itself reuses a class that has the same id, and overwrites its attributes.
    """

    def find_class(self, module: str, name: str, /) -> Any:
        """Return the object of this name."""
        found, pickler = self.look_up(module, name), _pickler()
        makers = (pickler._make_skeleton_class, pickler._make_skeleton_enum)
        return partial(_new, found) if any(found is maker for maker in makers) else found

    def look_up(self, module: str, name: str) -> Any:
        """Import the object of this name."""
        return super().find_class(module, name)


def _pickler() -> Any:
    return import_module("cloudpickle.cloudpickle")


def _new(make: Callable[..., type], *arguments: Any) -> type:
    """Return a class that ``make`` creates, though the process may know one of the same id.

    It is pickled with this id again: the last argument but one.
    """
    *others, id_, extra = arguments
    class_ = make(*others, None, extra)
    pickler = _pickler()
    with pickler._DYNAMIC_CLASS_TRACKER_LOCK:
        pickler._DYNAMIC_CLASS_TRACKER_BY_CLASS[class_] = id_
    return class_
