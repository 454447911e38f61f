"""Engines on libraries that write other bytes than today's, and break no clause by it.

Each is a subject. Every case ends on it as on the released engine: no case may depend on what a
library happens to write and nobody promises.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module

from conformance.subjects.engine import Engine


def variants() -> Mapping[str, str]:
    """Return the spec of each variant by its name, such as ``cloudpickles/RenamesFiles``."""
    found: dict[str, str] = {}
    for info in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{info.name}")
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, Engine) and value is not Engine:
                found[f"{info.name}/{name}"] = f"{module.__name__}:{name}"
    return found
