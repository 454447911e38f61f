"""List the fields of a large message one by one, without a copy and in bounded time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from conformance.wire.errors import MalformedProtobuf

MAX_FIELDS = 1_000_000
"""The maximum number of fields of large messages that are listed in one walk.

A message that is walked counts twice: it is checked to its end before.
"""

_VARINT, _FIXED64, _LENGTH_DELIMITED, _FIXED32 = 0, 1, 2, 5
_GROUPS = (3, 4)
_FIXED = {_FIXED64: 8, _FIXED32: 4}


class TooManyFields(MalformedProtobuf):
    """There are more than ``MAX_FIELDS`` fields: a message is not read to its end."""

    def __str__(self) -> str:
        return f"a message is not read to its end: {self.reason}"


class FieldBudget:
    """The number of fields that may yet be listed."""

    def __init__(self) -> None:
        self.left = MAX_FIELDS

    def take(self, at: int) -> None:
        """Count one field, at this byte of its message; raises ``TooManyFields``."""
        self.left -= 1
        if self.left < 0:
            raise TooManyFields(f"more than {MAX_FIELDS} fields at byte {at}")


class Field(NamedTuple):
    """A field as protobuf's own reader lists it; ``data`` is empty but for delimited fields."""

    field_number: int
    wire_type: int
    data: bytes | memoryview = b""


def scan(data: bytes | memoryview, budget: FieldBudget) -> Iterator[Field]:
    """Yield the fields of a message; their data are views.

    Raises ``TooManyFields``, and ``MalformedProtobuf`` where the bytes are no message, or at a
    group.
    """
    view, at = memoryview(data), 0
    while at < len(view):
        begin = at
        tag, at = _read(view, at)
        number, wire_type = tag >> 3, tag & 7
        budget.take(begin)
        content: bytes | memoryview = b""
        if wire_type == _LENGTH_DELIMITED:
            size, at = _read(view, at)
            content = view[at : at + size]
            at += size
        elif wire_type == _VARINT:
            _, at = _read(view, at)
        elif wire_type in _FIXED:
            at += _FIXED[wire_type]
        elif wire_type in _GROUPS:
            raise MalformedProtobuf(f"a group in a message of {len(view)} bytes, at byte {begin}")
        else:
            raise MalformedProtobuf(f"no field at byte {begin}")
        if number == 0 or at > len(view):
            raise MalformedProtobuf(f"no field at byte {begin}")
        yield Field(number, wire_type, content)


def _read(data: memoryview, at: int) -> tuple[int, int]:
    """Return the number at ``at``, and the offset behind it."""
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise MalformedProtobuf(f"no number at byte {at}")
