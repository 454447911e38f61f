"""The kinds of the values on the stack of a pickle, and what an opcode can do with them."""

from __future__ import annotations

from conformance.wire.values import Opaque, Tuple, Value

_ANY = frozenset(("call", "global", "persistent object", "any"))
"""The kinds of values that may be any object."""

_UNHASHABLE = frozenset(("list", "dict", "set", "bytearray"))

_FILLED = {
    **dict.fromkeys(("APPEND", "APPENDS"), frozenset(("list", "bytearray"))),
    **dict.fromkeys(("SETITEM", "SETITEMS"), frozenset(("dict", "list", "bytearray"))),
    "ADDITEMS": frozenset(("set",)),
}
"""What an opcode fills, beside the objects that may do as well."""


def kind(value: Value) -> str:
    """Return the kind of a value, such as ``str``, ``tuple`` or ``call``."""
    if isinstance(value, Opaque):
        return value.kind
    return "tuple" if isinstance(value, Tuple) else type(value).__name__


def why_not_called(called: Value, arguments: Value) -> str:
    """Return why ``REDUCE`` must fail; empty if it may succeed."""
    if kind(called) not in _ANY:
        return f"calls {kind(called)}"
    if kind(arguments) not in {"tuple", *_ANY}:
        return f"has {kind(arguments)} as arguments"
    return ""


def why_not_filled(name: str, target: Value, items: tuple[Value, ...]) -> str:
    """Return why an opcode cannot put these items into a value; empty if it may succeed."""
    if kind(target) not in _FILLED[name] | _ANY:
        return f"fills {kind(target)}"
    if name.startswith("SETITEM") and len(items) % 2:
        return "has a key without a value"
    keys = {"dict": items[::2], "set": items}.get(kind(target), ())
    return next((f"has {kind(key)} as a key" for key in keys if kind(key) in _UNHASHABLE), "")
