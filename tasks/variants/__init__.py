"""Engines on libraries that write other bytes than today's, and break no clause by it.

Each is a subject. Every case ends on it as on the released engine: no case may depend on what a
library happens to write and nobody promises.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from tasks.variants.engine import OtherBytes

TOGETHER = "together"
"""The module of the variants that combine all others, so that few runs cover them."""


@dataclass(frozen=True)
class Variant:
    """A variant, such as ``cloudpickles/RenamesFiles``, and the names of those it combines."""

    name: str
    spec: str
    parts: tuple[str, ...] = ()


def variants() -> Mapping[str, Variant]:
    """Return all variants by name."""
    found: dict[str, Variant] = {}
    for info in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{info.name}")
        for name, value in vars(module).items():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, OtherBytes) and value is not OtherBytes and name[0] != "_":
                parts = map(_name, value.__bases__) if info.name == TOGETHER else ()
                found[_name(value)] = Variant(_name(value), f"{module.__name__}:{name}", (*parts,))
    return found


def _name(class_: type) -> str:
    return f"{class_.__module__.rpartition('.')[2]}/{class_.__name__}"
