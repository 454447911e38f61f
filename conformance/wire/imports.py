"""The imports of a pickle: its own, and those of the calls that it makes."""

from __future__ import annotations

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
_CODE = "types.CodeType"
_CODES = frozenset((_CODE, "builtins.code"))
_NAMES_AT = 8
"""The argument of the type of code objects that holds the names (CPython 3.8 and later)."""


class Imports:
    """The names that unpickling imports, each once and in order; ``Trace`` describes them."""

    def __init__(self) -> None:
        self.globals: dict[str, None] = {}
        self.modules: dict[str, None] = {}
        self.attributes: dict[str, None] = {}
        self.names: dict[str, None] = {}

    def call(self, called: str, items: tuple[Value, ...]) -> str:
        """Record what a call imports; return the name of its result, if it has one."""
        first = items[0] if items else None
        if called in _IMPORTERS and items:
            module = first if isinstance(first, str) else "?"
            self.modules[module] = None
            return module
        if called in _GETATTR and len(items) > 1 and isinstance(first, Opaque) and first.name:
            name = f"{first.name}.{items[1] if isinstance(items[1], str) else '?'}"
            self.attributes[name] = None
            return name
        if called == "cloudpickle.cloudpickle._builtin_type" and first == "CodeType":
            return _CODE
        if called in _CODES and len(items) > _NAMES_AT:
            names = items[_NAMES_AT]
            if isinstance(names, Tuple):
                self.names.update((one, None) for one in names.items if isinstance(one, str))
        return ""
