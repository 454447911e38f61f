"""Pickle callables by value, and refuse what no receiver could use."""

from __future__ import annotations

import io
import pickle
from importlib import import_module
from typing import Any

from conformance.subjects.losses import Losses


def dumps(value: Any, protocol: int | None = None) -> bytes:
    """Return ``value`` as a pickle; raise ``PicklingError`` for what a receiver cannot decode.

    Without a protocol it is cloudpickle's own.
    """
    file = io.BytesIO()
    _make_pickler(file, protocol).dump(value)
    return file.getvalue()


def _make_pickler(file: io.BytesIO, protocol: int | None) -> Any:
    base: Any = import_module("cloudpickle").CloudPickler
    losses = Losses()

    class Pickler(base):  # type: ignore[misc]
        """A pickler that looks at each object first."""

        def reducer_override(self, value: Any) -> Any:
            if lost := losses.of(value):
                raise pickle.PicklingError(f"{value!r}: {lost}")
            reduced = super().reducer_override(value)
            return _keep_qualified_name(value, reduced) if isinstance(value, type) else reduced

    return Pickler(file, protocol)


def _keep_qualified_name(class_: type, reduced: Any) -> Any:
    """Add the qualified name to what makes a class again; cloudpickle keeps it for enums only."""
    skeleton = import_module("cloudpickle.cloudpickle")._make_skeleton_class
    if not isinstance(reduced, tuple) or reduced[0] is not skeleton:
        return reduced
    meta, name, bases, members, *others = reduced[1]
    members = {**members, "__qualname__": class_.__qualname__}
    return (skeleton, (meta, name, bases, members, *others), *reduced[2:])
