"""Write protobuf messages: a field after the other."""

from __future__ import annotations

from conformance.wire.region import varint

_VARINT, _LENGTH_DELIMITED = 0, 2


def field(number: int, value: int | str | bytes) -> bytes:
    """Return one field: a number, a text, or bytes, which may be a message."""
    if isinstance(value, int):
        return varint(number << 3 | _VARINT) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | _LENGTH_DELIMITED) + varint(len(data)) + data
