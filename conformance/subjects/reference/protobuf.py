"""Protobuf by hand: the fields of a message, written one after another and read back."""

from __future__ import annotations

import struct
from typing import Any

from conformance.subjects.reference.errors import ExecutionError

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MASK = 2**64 - 1


def varint(value: int) -> bytes:
    """Return a number as a varint; a negative one as 64 bits."""
    value &= _MASK
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    """Return a field that holds a number."""
    return varint(field << 3 | _VARINT) + varint(value)


def delimited(field: int, value: bytes | str) -> bytes:
    """Return a field that holds bytes, a text or a message."""
    data = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | _BYTES) + varint(len(data)) + data


def text(field: int, value: str) -> bytes:
    """Return a text field, which is left out where it is empty."""
    return delimited(field, value) if value else b""


def flag(field: int, value: bool) -> bytes:
    """Return a truth value, which is left out where it is false."""
    return number(field, 1) if value else b""


def double(field: int, value: float) -> bytes:
    """Return a field of 64 bits."""
    return varint(field << 3 | _FIXED64) + struct.pack("<d", value)


def single(field: int, value: float) -> bytes:
    """Return a field of 32 bits."""
    return varint(field << 3 | _FIXED32) + struct.pack("<f", value)


def to_signed(value: int) -> int:
    """Return what a varint means as a signed number."""
    return value - 2**64 if value >= 2**63 else value


class Message:
    """The fields of a message, each a list of values by its number."""

    def __init__(self, data: bytes) -> None:
        try:
            self.fields = _fields(data)
        except (IndexError, struct.error):
            raise malformed("a field is cut short") from None

    def number(self, field: int, default: int = 0) -> int:
        """Return the last number in a field."""
        return int(self._last(field, int, default))

    def data(self, field: int) -> bytes | None:
        """Return the last bytes in a field."""
        found: bytes | None = self._last(field, bytes, None)
        return found

    def text(self, field: int) -> str:
        """Return the last text in a field."""
        try:
            return (self.data(field) or b"").decode()
        except UnicodeDecodeError:
            raise malformed("a text is not UTF-8") from None

    def float(self, field: int) -> float:
        """Return the last float in a field, of 32 or of 64 bits."""
        return float(self._last(field, float, 0.0))

    def all(self, field: int) -> list[bytes]:
        """All bytes in a field."""
        values = self.fields.get(field, [])
        if not all(isinstance(value, bytes) for value in values):
            raise malformed(f"field {field} is no message")
        return values

    def required(self, field: int) -> bytes:
        """Return the last bytes in a field that must be there."""
        data = self.data(field)
        if data is None:
            raise malformed(f"field {field} is missing")
        return data

    def _last(self, field: int, kind: type, default: Any) -> Any:
        values = self.fields.get(field)
        if not values:
            return default
        if not isinstance(values[-1], kind):
            raise malformed(f"field {field} holds something else")
        return values[-1]


def malformed(what: str) -> ExecutionError:
    """Return the error for bytes that are no expression."""
    return ExecutionError(f"these bytes hold no expression: {what}")


def _fields(data: bytes) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    at, size = 0, len(data)
    while at < size:
        tag, at = _varint(data, at)
        kind = tag & 7
        value: Any
        if kind == _VARINT:
            value, at = _varint(data, at)
        elif kind == _BYTES:
            length, at = _varint(data, at)
            if at + length > size:
                raise IndexError
            value = data[at : at + length]
            at += length
        elif kind == _FIXED64:
            (value,) = struct.unpack_from("<d", data, at)
            at += 8
        elif kind == _FIXED32:
            (value,) = struct.unpack_from("<f", data, at)
            at += 4
        else:
            raise malformed(f"wire type {kind}")
        if tag >> 3 == 0:
            raise malformed("field number 0")
        found.setdefault(tag >> 3, []).append(value)
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & _MASK, at
        shift += 7
        if shift > 63:
            raise malformed("a number of more than ten bytes")
