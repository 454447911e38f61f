"""The imports of a pickle: its own, and those of the calls that it makes."""

from __future__ import annotations

from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from typing import TypeGuard

from conformance.wire.values import Opaque, Tuple, Value

_IMPORTERS = frozenset(
    (
        "cloudpickle.cloudpickle.subimport",
        "importlib.import_module",
        "builtins.__import__",
        "__builtin__.__import__",
        "importlib.__import__",
        "_frozen_importlib.__import__",
        "importlib._bootstrap.__import__",
    )
)
_GETATTR = frozenset(("builtins.getattr", "__builtin__.getattr"))
_CODES = frozenset(("types.CodeType", "builtins.code"))
_MADE = {
    "_make_function": "<function>",
    "_make_skeleton_class": "<class>",
    "_make_skeleton_enum": "<class>",
}
"""The functions of cloudpickle that make what the payload itself defines, and how it is named."""
_NEW = frozenset(
    f"{module}.{name}"
    for module in ("copyreg", "copy_reg")
    for name in ("__newobj__", "__newobj_ex__")
)
_HARMLESS = _GETATTR | {
    f"{module}.{name}" for module in ("builtins", "__builtin__") for name in ("bytes", "bytearray")
}
"""Functions that are no call of their own with fitting arguments: what they take is listed."""
_NAMES_AT = 8
"""The argument of the type of code objects that holds the names (CPython 3.8 and later)."""


def name_in_python_3(module: str, name: str) -> tuple[str, str]:
    """Return the module and the name in Python 3; protocols 0 to 2 write those of Python 2."""
    return NAME_MAPPING.get((module, name), (IMPORT_MAPPING.get(module, module), name))


class Imports:
    """The names that unpickling imports, each once and in order; ``Trace`` describes them."""

    def __init__(self) -> None:
        self.globals: dict[str, None] = {}
        self.modules: dict[str, None] = {}
        self.attributes: dict[str, None] = {}
        self.names: dict[str, None] = {}
        self.sources: dict[str, None] = {}
        self.calls: dict[str, None] = {}

    def add(self, module: str, name: str) -> str:
        """Record a global; return its dotted name."""
        dotted = f"{module}.{name}"
        self.globals[dotted] = self.sources[module] = None
        return dotted

    def called(self, called: Value | None, items: tuple[Value, ...] = ()) -> None:
        """Record what unpickling calls; a class of the payload itself is not worth a word."""
        name = called.name if isinstance(called, Opaque) else ""
        if name in _NEW and items:
            self.called(items[0])
        elif name in _HARMLESS and not _may_fail(name, items):
            return
        elif name != "<class>":
            self.calls[name or "?"] = None

    def call(self, called: str, items: tuple[Value, ...]) -> str:
        """Record what a call imports; return the name of its result, if it has one."""
        first = items[0] if items else None
        if called in _IMPORTERS and items:
            module = first if isinstance(first, str) else "?"
            self.modules[module] = None
            return module
        if called in _GETATTR and len(items) > 1 and _is_named(first):
            name = f"{first.name}.{items[1] if isinstance(items[1], str) else '?'}"
            self.attributes[name] = None
            return name
        if called == "cloudpickle.cloudpickle._builtin_type" and isinstance(first, str):
            return f"types.{first}"
        if called in ("types.FunctionType", "types.LambdaType"):
            return "<function>"
        if called in _CODES and len(items) > _NAMES_AT:
            names = items[_NAMES_AT]
            if isinstance(names, Tuple):
                self.names.update((one, None) for one in names.items if isinstance(one, str))
        module, _, name = called.rpartition(".")
        return _MADE.get(name, "") if module.startswith("cloudpickle.") else ""


def _is_named(value: Value | None) -> TypeGuard[Opaque]:
    """Return whether a value has a name outside of the payload."""
    return isinstance(value, Opaque) and bool(value.name) and not value.name.startswith("<")


def _may_fail(name: str, items: tuple[Value, ...]) -> bool:
    """Return whether one of the harmless functions may fail, or take too much memory."""
    if name in _GETATTR:
        return len(items) != 2 or not isinstance(items[1], str)
    encoded = len(items) == 1 and isinstance(items[0], str)
    return encoded or not all(isinstance(one, str | bytes) for one in items)
