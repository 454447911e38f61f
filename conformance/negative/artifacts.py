"""One call of a UDF in the smallest expression and in the smallest plan that can hold it.

The field numbers are those of DataFusion's messages ``LogicalExprNode``, ``LogicalPlanNode``,
``PhysicalExprNode`` and ``PhysicalPlanNode``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conformance.negative.frames import NAME
from conformance.negative.vector import Artifact, Family
from conformance.wire.region import varint

_VARINT, _LENGTH_DELIMITED = 0, 2


def field(number: int, value: int | str | bytes) -> bytes:
    """Return one field: a number, a text, or bytes, which may be a message."""
    if isinstance(value, int):
        return varint(number << 3 | _VARINT) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | _LENGTH_DELIMITED) + varint(len(data)) + data


INT64 = field(10, b"")
"""Arrow's 64-bit integer."""

NULL = field(33, field(9, b""))
"""The value of an unbounded window frame: a null of an unsigned integer."""

_FRAME = field(2, field(1, 1) + field(2, NULL)) + field(3, field(1, 2) + field(2, NULL))
"""All rows of a partition."""


def column(name: str) -> bytes:
    """Return a column as an expression."""
    return field(1, field(1, name))


def literal(value: int) -> bytes:
    """Return a 64-bit integer as an expression."""
    return field(3, field(7, value))


def _definition(number: int, definition: bytes | None) -> bytes:
    return b"" if definition is None else field(number, definition)


def call(
    family: Family,
    definition: bytes | None,
    name: str = NAME,
    argument: bytes | None = None,
    more: bytes = b"",
) -> bytes:
    """Return a call as an expression, on column ``a`` unless ``argument`` is given.

    ``definition`` is the function definition: a frame, or ``None`` for a call by name. ``more``
    are further fields of the call.
    """
    value = column("a") if argument is None else argument
    if family == "scalar":
        return field(20, field(1, name) + field(2, value) + _definition(3, definition) + more)
    if family == "aggregate":
        return field(19, field(1, name) + field(2, value) + _definition(6, definition) + more)
    parts = field(9, name) + field(4, value) + field(8, _FRAME)
    return field(18, parts + _definition(10, definition) + more)


_VALUES = field(16, field(1, 1) + field(2, literal(7)))
"""``VALUES (7)``, whose column is ``column1``."""

_COLUMN = "column1"


def logical(family: Family, definition: bytes | None, name: str = NAME) -> bytes:
    """Return a logical plan with a call: the node over ``VALUES`` that can hold it."""
    node, number = {"scalar": (3, 2), "aggregate": (6, 3), "window": (13, 2)}[family]
    made = call(family, definition, name, column(_COLUMN))
    return field(node, field(1, _VALUES) + field(number, made))


_SCHEMA = field(1, field(1, _COLUMN) + field(2, INT64) + field(3, 1))
_EMPTY = field(3, field(1, _SCHEMA))
"""A node without rows, of one column."""


def physical(family: Family, definition: bytes | None, name: str = NAME) -> bytes:
    """Return a physical plan with a call: the node over no rows that can hold it."""
    value = field(1, field(1, _COLUMN))
    if family == "scalar":
        parts = field(1, name) + field(2, value) + _definition(3, definition)
        made = field(16, parts + field(4, INT64) + field(5, 1) + field(6, "value"))
        return field(4, field(1, _EMPTY) + field(2, made) + field(3, "v"))
    if family == "aggregate":
        made = field(4, field(2, value) + field(4, name) + _definition(7, definition))
        single = field(3, 3)
        rest = field(6, "v") + field(7, _SCHEMA) + field(10, b"")
        return field(8, field(2, made) + single + field(4, _EMPTY) + rest)
    parts = field(10, name) + field(4, value) + field(7, _FRAME) + field(8, "v")
    made = parts + _definition(9, definition)
    return field(15, field(1, _EMPTY) + field(2, made))


_HOLDERS: Mapping[Artifact, Callable[[Family, bytes | None, str], bytes]] = {
    "expression": call,
    "logical": logical,
    "physical": physical,
}


def hold(artifact: Artifact, family: Family, definition: bytes | None, name: str = NAME) -> bytes:
    """Return an artifact with one call, whose definition is ``None`` for a call by name."""
    return _HOLDERS[artifact](family, definition, name)


def _sort_key(key: bytes) -> bytes:
    return field(1, key) + field(2, 1)


OUTER = "outer"
"""The name of the calls by name that hold another call."""

PLACES: Mapping[str, Callable[[bytes], bytes]] = {
    "alias": lambda inner: field(2, field(1, inner) + field(2, "v")),
    "operand": lambda inner: field(4, field(1, column("a")) + field(1, inner) + field(3, "Plus")),
    "case": lambda inner: field(10, field(2, field(1, inner) + field(2, literal(7)))),
    "cast": lambda inner: field(11, field(1, inner) + field(2, INT64)),
    "list": lambda inner: field(14, field(1, column("a")) + field(2, inner)),
    "second-operand": lambda inner: field(
        4, field(1, call("scalar", None, OUTER)) + field(1, inner) + field(3, "Plus")
    ),
    "argument": lambda inner: call("scalar", None, OUTER, inner),
    "second-argument": lambda inner: call(
        "scalar", None, OUTER, call("scalar", None, OUTER), field(2, inner)
    ),
    "filter": lambda inner: call("aggregate", None, OUTER, None, field(3, inner)),
    "order": lambda inner: call("aggregate", None, OUTER, None, field(4, _sort_key(inner))),
    "partition": lambda inner: call("window", None, OUTER, None, field(5, inner)),
    "window-order": lambda inner: call("window", None, OUTER, None, field(6, _sort_key(inner))),
}
"""Expressions around another one, by its place in them."""


def nest(inner: bytes, depth: int) -> bytes:
    """Return an expression inside so many casts, each of which is two messages."""
    for _ in range(depth):
        inner = PLACES["cast"](inner)
    return inner
