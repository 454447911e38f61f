"""List the fields of a large message one by one, in little memory and bounded time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from conformance.wire.errors import MalformedProtobuf

MAX_FIELDS = 500_000
"""The maximum number of fields of a large message: no engine writes so many."""

_VARINT, _FIXED64, _LENGTH_DELIMITED, _FIXED32 = 0, 1, 2, 5
_FIXED = {_FIXED64: 8, _FIXED32: 4}


class Field(NamedTuple):
    """A field as protobuf's own reader lists it; ``data`` is empty but for delimited fields."""

    field_number: int
    wire_type: int
    data: bytes = b""


def scan(data: bytes) -> Iterator[Field]:
    """Yield the fields of a message that is known to parse.

    Raises ``MalformedProtobuf`` at a group, and behind ``MAX_FIELDS`` fields.
    """
    at = count = 0
    while at < len(data):
        tag, at = _read(data, at)
        number, wire_type = tag >> 3, tag & 7
        count += 1
        if count > MAX_FIELDS:
            raise MalformedProtobuf(f"more than {MAX_FIELDS} fields at byte {at}")
        if wire_type == _LENGTH_DELIMITED:
            size, at = _read(data, at)
            yield Field(number, wire_type, data[at : at + size])
            at += size
        elif wire_type == _VARINT:
            _, at = _read(data, at)
            yield Field(number, wire_type)
        elif wire_type in _FIXED:
            at += _FIXED[wire_type]
            yield Field(number, wire_type)
        else:
            raise MalformedProtobuf(f"a group in a message of {len(data)} bytes, at byte {at}")


def _read(data: bytes, at: int) -> tuple[int, int]:
    """Return the number at ``at``, and the offset behind it."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
