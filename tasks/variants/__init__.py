"""Engines on libraries that write other bytes than today's, and implementations in other styles.

Each is a subject, and breaks no clause. Every case ends on it as on the released engine, or on
the reference: no case may depend on what a library happens to write, or an implementation
happens to do, and nobody promises.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from tasks.variants.engine import OtherBytes
from tasks.variants.style import OtherStyle

TOGETHER = "together"
"""The module of the variants that combine all others, so that few runs cover them."""

_BASES = (OtherBytes, OtherStyle)


@dataclass(frozen=True)
class Variant:
    """A variant, such as ``cloudpickles/RenamesFiles``, and the names of those it combines.

    ``leaves_out`` are the chapters that do not hold for it: their words are the engine's own.
    """

    name: str
    spec: str
    parts: tuple[str, ...] = ()
    leaves_out: tuple[str, ...] = ()


def variants() -> Mapping[str, Variant]:
    """Return all variants by name."""
    found: dict[str, Variant] = {}
    for info in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{info.name}")
        for name, value in vars(module).items():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, _BASES) and value not in _BASES and name[0] != "_":
                parts = map(_name, value.__bases__) if info.name == TOGETHER else ()
                spec = f"{module.__name__}:{name}"
                found[_name(value)] = Variant(_name(value), spec, (*parts,), value.leaves_out)
    return found


def _name(class_: type) -> str:
    return f"{class_.__module__.rpartition('.')[2]}/{class_.__name__}"
