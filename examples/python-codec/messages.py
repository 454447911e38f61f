"""The protobuf around the frames: find the definition of each UDF, and replace it.

datafusion ships no ``.proto`` file. What is here is enough: in which fields of an
expression other expressions are, and where a call keeps its name and its definition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

EXPRESSION: dict[int, Any] = {}
"""The messages that an expression can be, by field; ``EXPRESSION`` in them is another one."""

_OF_ONE = {1: EXPRESSION}
"""A message with expressions in field 1 alone: an alias, a cast, ``IS NULL``."""

_SORT = {1: EXPRESSION}
SCALAR, AGGREGATE, WINDOW = 20, 19, 18
"""The fields of the three kinds of call."""

for _field in (2, 4, 6, 7, 8, 11, 13, 17, *range(22, 31), 35):
    EXPRESSION[_field] = _OF_ONE
for _field in (31, 32, 33):  # LIKE, ILIKE, SIMILAR TO
    EXPRESSION[_field] = {2: EXPRESSION, 3: EXPRESSION}
EXPRESSION[9] = {1: EXPRESSION, 3: EXPRESSION, 4: EXPRESSION}  # BETWEEN
EXPRESSION[10] = {1: EXPRESSION, 2: {1: EXPRESSION, 2: EXPRESSION}, 3: EXPRESSION}  # CASE
EXPRESSION[14] = {1: EXPRESSION, 2: EXPRESSION}  # IN
EXPRESSION[SCALAR] = {2: EXPRESSION}
EXPRESSION[AGGREGATE] = {2: EXPRESSION, 3: EXPRESSION, 4: _SORT}
EXPRESSION[WINDOW] = {4: EXPRESSION, 5: EXPRESSION, 6: _SORT, 13: EXPRESSION}

_DEFINITION = {SCALAR: 3, AGGREGATE: 6, WINDOW: 10}
_NAMES = {SCALAR: {1: "scalar"}, AGGREGATE: {1: "aggregate"}, WINDOW: {3: "aggregate", 9: "window"}}
"""The field with the name of a call, and the family of UDFs that is called by it."""


class Malformed(ValueError):
    """The bytes are no protobuf message."""


@dataclass(frozen=True)
class Call:
    """The definition in a call: the family and the name that the call gives, and the bytes."""

    family: str
    name: str
    definition: bytes


Change = Callable[[Call], "bytes | None"]
"""Returns the new definition, or ``None`` to send the call by name."""


def replace_definitions(data: bytes, change: Change) -> bytes:
    """Return the message of an expression with each call's definition changed."""
    return _message(data, EXPRESSION, change)


def _message(data: bytes, nested: dict[int, Any], change: Change, kind: int = 0) -> bytes:
    fields = list(_fields(data))
    names = _NAMES.get(kind, {})
    family, name = next(iter(names.values()), ""), ""  # protobuf leaves an empty name out
    for number, _, content in fields:
        if content is not None and number in names:
            family, name = names[number], content.decode("utf-8", "replace")
    out = []
    for number, raw, content in fields:
        new = content
        if content is not None and number in nested:
            inside = number if nested is EXPRESSION else 0
            new = _message(content, nested[number], change, inside)
        elif content is not None and number == _DEFINITION.get(kind):
            new = change(Call(family, name, content))
        if new == content:
            out.append(raw)
        elif new is not None:
            out.append(_varint(number << 3 | 2) + _varint(len(new)) + new)
    return b"".join(out)


def _fields(data: bytes) -> Iterator[tuple[int, bytes, bytes | None]]:
    """Yield each field: its number, all its bytes, and its content if that has a length."""
    at = 0
    while at < len(data):
        begin = at
        tag, at = _number(data, at)
        content = None
        if tag & 7 == 0:
            _, at = _number(data, at)
        elif tag & 7 == 2:
            size, at = _number(data, at)
            content = data[at : at + size]
            at += size
        elif tag & 7 in (1, 5):
            at += 8 if tag & 7 == 1 else 4
        else:
            raise Malformed(f"no field at byte {begin}")
        if at > len(data):
            raise Malformed(f"a field at byte {begin} ends past its message")
        yield tag >> 3, data[begin:at], content


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Return the varint at an offset, and the offset behind it."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    raise Malformed(f"no number ends at byte {at}")


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
