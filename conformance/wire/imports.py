"""The imports of a pickle: its own, and those of the calls that it makes."""

from __future__ import annotations

import sys
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections.abc import Iterable
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
    "_make_skeleton_enum": "<enum>",
}
"""The functions of cloudpickle that make what the payload itself defines, and how it is named."""
INSTANCE = "<instance>"
"""The name of an instance of a class that the payload defines."""
_METHODS = frozenset(("__new__", "__setstate__", "__setattr__", "__init_subclass__", "_missing_"))
"""The methods of such a class that unpickling calls, beside those that get arguments."""
_NEW = frozenset(
    f"{module}.{name}"
    for module in ("copyreg", "copy_reg")
    for name in ("__newobj__", "__newobj_ex__")
)
_MAKERS = _NEW | {"copyreg._reconstructor", "copy_reg._reconstructor"}
"""The functions that make an instance of their first argument."""
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
        self._defined: set[str] = set()
        self._used: set[str] = set()

    @property
    def all_calls(self) -> dict[str, None]:
        """The calls, with ``<class>`` where one of its methods is used: it may be defined later."""
        return {**self.calls, **({"<class>": None} if self._defined & self._used else {})}

    def add(self, module: str, name: str) -> str:
        """Record a global; return its dotted name."""
        dotted = f"{module}.{name}"
        self.globals[dotted] = self.sources[module] = None
        return dotted

    def called(self, called: Value | None, items: tuple[Value, ...] = ()) -> None:
        """Record what unpickling calls; to call an enum of the payload looks a member up."""
        name = called.name if isinstance(called, Opaque) else ""
        if name in _NEW and items:
            self.made(items[0], items[1:])
        elif name == "<enum>":
            self._used |= {"__new__", "_missing_"}
        elif name not in _HARMLESS or _may_fail(name, items):
            self.calls["?" if name in ("", INSTANCE) else name] = None

    def made(self, made: Value, arguments: Iterable[Value]) -> str:
        """Record a class of which an instance is made; return the name of the instance."""
        if not isinstance(made, Opaque) or made.name != "<class>":
            self.called(made)
            return ""
        if all(isinstance(one, Tuple) and not one.items for one in arguments):
            self._used.add("__new__")
        else:
            self.called(made)
        return INSTANCE

    def defined(self, key: Value, value: Value) -> None:
        """Record an item of a dict, which may be that of a class; those of enums hold Python's."""
        of_enum = isinstance(value, Opaque) and value.name.startswith("enum.")
        if isinstance(key, str) and key in _METHODS and not of_enum:
            self._defined.add(key)

    def built(self, state: Value) -> None:
        """Record that an instance of a class of the payload gets a state."""
        self._used |= {"__setstate__", *(["__setattr__"] if isinstance(state, Tuple) else [])}

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
        if called == "types.MethodType" and isinstance(first, Opaque):
            return first.name if first.name == "<function>" else ""
        if called in _MAKERS and isinstance(first, Opaque) and first.name == "<class>":
            return INSTANCE
        if called in _CODES and len(items) > _NAMES_AT:
            names = items[_NAMES_AT]
            if isinstance(names, Tuple):
                self.names.update((one, None) for one in names.items if isinstance(one, str))
        module, _, name = called.rpartition(".")
        if not module.startswith("cloudpickle."):
            return ""
        if name == "_make_skeleton_class" and len(items) > 2:
            self._subclass(items[0], items[2])
        return _MADE.get(name, "")

    def _subclass(self, metaclass: Value, bases: Value) -> None:
        """Record what it takes to make a class, and that nobody knows the methods of a package."""
        if isinstance(metaclass, Opaque) and metaclass.name == "<class>":
            self.called(metaclass)
        for base in bases.items if isinstance(bases, Tuple) else ():
            name = base.name if isinstance(base, Opaque) else ""
            if name == "<class>":
                self._used.add("__init_subclass__")
            elif name.partition(".")[0] not in {"datafusion", *sys.stdlib_module_names}:
                self._defined |= _METHODS - {"__init_subclass__", "_missing_"}


def _is_named(value: Value | None) -> TypeGuard[Opaque]:
    """Return whether a value has a name outside of the payload."""
    return isinstance(value, Opaque) and bool(value.name) and not value.name.startswith("<")


def _may_fail(name: str, items: tuple[Value, ...]) -> bool:
    """Return whether one of the harmless functions may fail, or take too much memory."""
    if name in _GETATTR:
        return len(items) != 2 or not isinstance(items[1], str)
    encoded = len(items) == 1 and isinstance(items[0], str)
    return encoded or not all(isinstance(one, str | bytes) for one in items)
