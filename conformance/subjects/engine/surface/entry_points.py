"""Find the public entry points of the installed engine by introspection."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from enum import Enum
from types import ModuleType
from typing import Any

import datafusion

ROOT = "datafusion"
_WITHOUT_MEANING = frozenset(
    (
        *("__abstractmethods__", "__annotations__", "__dict__", "__doc__", "__module__"),
        *("__name__", "__parameters__", "__slots__", "__slotnames__", "__replace__"),
        *("__subclasshook__", "__weakref__"),
        *("__dataclass_fields__", "__dataclass_params__", "__match_args__", "__init_subclass__"),
        *("__static_attributes__", "__firstlineno__", "__protocol_attrs__", "__hash__"),
        *("__annotate__", "__annotate_func__", "__annotations_cache__", "__classdictcell__"),
        *("__non_callable_proto_members__", "__conditional_annotations__", "__qualname__"),
    )
)
"""Attributes that Python itself sets on classes; nobody calls them to get something."""


def entry_points() -> dict[str, Any]:
    """Return every public entry point by name, without the package's own name in front.

    These are the functions of the public modules, such as ``functions.abs``, and the members of
    the public classes, such as ``expr.Expr.alias`` or ``expr.Expr.__add__``. A class itself is
    represented by ``__init__``, even if it inherits it. Constants and the members of enumerations
    are left out, since they are values, and protocols, since users implement them.
    """
    found: dict[str, Any] = {}
    for module in _modules():
        for name, thing in _public(module):
            if getattr(thing, "_is_protocol", False):
                continue
            if isinstance(thing, type):
                found.update(_members(thing))
            elif callable(thing):
                qualname = getattr(thing, "__qualname__", "")
                found[_named(thing, qualname) if qualname else _short(module, name)] = thing
    return found


def _modules() -> Iterator[ModuleType]:
    yield datafusion
    for info in pkgutil.walk_packages(datafusion.__path__, f"{ROOT}."):
        if not any(part.startswith("_") for part in info.name.split(".")):
            yield importlib.import_module(info.name)


def _public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield what a module exports, and what it defines under a public name without exporting it."""
    exported = getattr(module, "__all__", ())
    for name, thing in vars(module).items():
        defined = getattr(thing, "__module__", "") == module.__name__ and not name.startswith("_")
        if _is_ours(thing) and (name in exported or defined):
            yield name, thing


def _members(class_: type) -> Iterator[tuple[str, Any]]:
    """Yield the members that ``class_`` defines or inherits from another class of the package."""
    prefix = _named(class_, class_.__qualname__)
    yield f"{prefix}.__init__", class_
    for name in dir(class_):
        owner = next((base for base in class_.__mro__ if name in vars(base)), object)
        private = name.startswith("_") and not (name.startswith("__") and name.endswith("__"))
        if private or name in _WITHOUT_MEANING or name == "__new__" or not _is_ours(owner):
            continue
        raw = inspect.getattr_static(class_, name)
        if not issubclass(type(raw), (Enum, class_)):
            yield f"{prefix}.{name}", raw


def _is_ours(thing: Any) -> bool:
    if isinstance(thing, ModuleType):
        return False
    return str(getattr(thing, "__module__", "")).split(".")[0] == ROOT


def _named(thing: Any, qualname: str) -> str:
    return f"{thing.__module__}.{qualname}".removeprefix(f"{ROOT}.")


def _short(module: ModuleType, name: str) -> str:
    return f"{module.__name__}.{name}".removeprefix(f"{ROOT}.")
