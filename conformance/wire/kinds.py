"""The kinds of the values on the stack of a pickle, and what an opcode can do with them."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.wire.values import Opaque, Tuple, Value

_ANY = frozenset(("call", "global", "persistent object", "any"))
"""The kinds of values that may be any object."""

_UNHASHABLE = frozenset(("list", "dict", "set", "bytearray"))

_BY_INDEX = frozenset(("list", "bytearray"))
_INDEX = frozenset(("int", "int_or_bool", "bool"))
"""What is filled by an index, and the kinds of an index."""

MAX_DEPTH = 1_000
MAX_WIDTH = 1_000_000
"""The depth and the width up to which hashing a tuple takes neither the stack nor long."""

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
    keys = _keys(name, items)
    if name.startswith("SETITEM") and len(items) % 2:
        return "has a key without a value"
    if kind(target) in _BY_INDEX:
        wrong = (kind(one) for one in keys if kind(one) not in _INDEX | _ANY)
        return next((f"has {one} as an index" for one in wrong), "")
    return why_not_hashed(keys) if kind(target) in ("dict", "set") else ""


def why_not_hashed(keys: Iterable[Value]) -> str:
    """Return why a key cannot be hashed; empty if each of them may be."""
    for key in keys:
        if kind(key) in _UNHASHABLE:
            return f"has {kind(key)} as a key"
        if isinstance(key, Tuple) and (inside := sorted(key.contents & _UNHASHABLE)):
            return f"has a tuple with {inside[0]} as a key"
    return ""


def unsure_call(name: str, target: Value, items: tuple[Value, ...]) -> str:
    """Return the function of Python that an opcode calls, where it may fail; empty where not."""
    if kind(target) in _BY_INDEX and name.startswith("SETITEM"):
        return f"builtins.{kind(target)}.__setitem__"
    if kind(target) == "bytearray":
        return "builtins.bytearray.append"
    return "builtins.hash" if any(map(_is_hard_to_hash, _keys(name, items))) else ""


def why_not_built(target: Value, state: Value) -> str:
    """Return why ``BUILD`` cannot give a value this state; empty if it may succeed."""
    if kind(target) in _ANY or kind(state) in {"None", *_ANY}:
        return ""
    pair = state.items if isinstance(state, Tuple) else ()
    slots = len(pair) == 2 and kind(pair[0]) in {"None", *_ANY} and kind(pair[1]) in {"dict", *_ANY}
    return "" if slots else f"gives {kind(target)} the state {kind(state)}"


def is_object(value: Value) -> bool:
    """Return whether a value may be an object, which has a state."""
    return kind(value) in _ANY


def _keys(name: str, items: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return those of the items that an opcode makes keys of a dict, or members of a set."""
    if name.startswith("APPEND"):
        return ()
    return items if name in ("ADDITEMS", "FROZENSET") else items[::2]


def _is_hard_to_hash(key: Value) -> bool:
    return isinstance(key, Tuple) and (key.depth > MAX_DEPTH or key.width > MAX_WIDTH)
