"""The public functions of ``datafusion``, by the code that runs when they are called."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Literal

import datafusion

_FOLDER = str(Path(str(datafusion.__file__)).parent)

Kind = Literal["function", "method", "property"]
"""How a function is called: by its name, as a method of an object, or as a property of one."""


@dataclass(frozen=True)
class Public:
    """A public function: how it is called, its name, and the line that imports the name.

    ``name`` is dotted for a static method or a class method, such as ``Expr.from_bytes``.
    """

    function: FunctionType
    kind: Kind
    name: str
    imports: str = ""


def public_functions() -> Mapping[CodeType, Public]:
    """Return the functions of all modules of ``datafusion`` that have been imported."""
    found: dict[CodeType, Public] = {}
    for module_name, module in sorted(sys.modules.items()):
        if module_name.partition(".")[0] == "datafusion" and isinstance(module, ModuleType):
            for public in _functions_of(module):
                found.setdefault(public.function.__code__, public)
    return found


def imports_of(value: Any) -> str:
    """Return the line that imports a class or a function of ``datafusion``."""
    name, module = value.__name__, value.__module__
    if getattr(datafusion, name, None) is value:
        module = "datafusion"
    return f"from {module} import {name}"


def _functions_of(module: ModuleType) -> Iterator[Public]:
    for name, value in vars(module).items():
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            if function := _inner(value):
                yield Public(function, "function", name, imports_of(value))
        elif isinstance(value, type) and value.__module__ == module.__name__:
            yield from _methods_of(value)


def _methods_of(class_: type) -> Iterator[Public]:
    imports = imports_of(class_)
    for name, value in vars(class_).items():
        if isinstance(value, property):
            if value.fget and (function := _inner(value.fget)):
                yield Public(function, "property", name)
        elif isinstance(value, (staticmethod, classmethod)):
            if function := _inner(value.__func__):
                yield Public(function, "function", f"{class_.__name__}.{name}", imports)
        elif function := _inner(value):
            if name == "__init__":
                yield Public(function, "function", class_.__name__, imports)
            else:
                yield Public(function, "method", name)


def _inner(value: Any) -> FunctionType | None:
    """Return the function of the package behind decorators, if it is one."""
    while hasattr(value, "__wrapped__"):
        value = value.__wrapped__
    inside = isinstance(value, FunctionType) and value.__code__.co_filename.startswith(_FOLDER)
    return value if inside else None
