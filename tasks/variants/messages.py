"""Engines whose protobuf writes the same messages in other bytes, as a newer DataFusion may.

No clause promises the order of fields, the length of a varint or that there are no fields that
a reader does not know. Protobuf lets a writer choose, and readers accept all of it.

Only what must be a message is changed: the outermost one, those in its fields, and those around
a frame. Of other bytes only the engine's schema knows what they are. Left out, since a frame and
an envelope have formats of their own: what is in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conformance import wire
from conformance.wire.protobuf import Path
from conformance.wire.region import varint
from tasks.variants.engine import OtherBytes

_LENGTH = 2
_SIZES = {1: 8, 5: 4}
_UNKNOWN = 9999


@dataclass(frozen=True)
class _Field:
    """A field: its number, the bytes of its tag, and the rest; of a length, what it is of."""

    number: int
    tag: bytes
    content: bytes
    delimited: bool


class _OtherMessages(OtherBytes):
    """An engine that writes a message field by field."""

    def message(self, data: bytes) -> bytes:
        data = super().message(data)
        try:
            found = [one.path for one in wire.protobuf.walk(data)] if b"DFPY" in data else []
        except wire.WireError:
            return data  # nested deeper than any reader goes
        # A step of number 0 leads into an envelope.
        paths = [path[: [*(number for number, _ in path), 0].index(0)] for path in found]
        inner = {path[:depth] for path in paths for depth in range(1, len(path))}
        return self._write(data, (), inner)

    def _write(self, data: bytes, path: Path, inner: set[Path]) -> bytes:
        seen: dict[int, int] = {}
        fields = []
        for one in _fields(data):
            seen[one.number] = index = seen.get(one.number, -1) + 1
            step = (*path, (one.number, index))
            if one.delimited and (len(step) == 1 or step in inner):
                one = replace(one, content=self._write(one.content, step, inner))
            fields.append(one)
        return b"".join(map(self.field, self.ordered(fields)))

    def ordered(self, fields: Sequence[_Field]) -> Sequence[_Field]:
        """Return the fields of a message, as they are to be written."""
        return fields

    def field(self, field: _Field) -> bytes:
        """Return the bytes of a field."""
        prefix = self.length(len(field.content)) if field.delimited else b""
        return field.tag + prefix + field.content

    def length(self, size: int) -> bytes:
        """Return a length as a varint."""
        return varint(size)


class UnknownFields(_OtherMessages):
    """Add a text to every message, in a field that no reader knows."""

    def ordered(self, fields: Sequence[_Field]) -> Sequence[_Field]:
        added = _Field(_UNKNOWN, varint(_UNKNOWN << 3 | _LENGTH), b"note", delimited=True)
        return [*super().ordered(fields), added]


class OtherOrder(_OtherMessages):
    """Write the fields of a message with the highest number first; repeated ones in their order."""

    def ordered(self, fields: Sequence[_Field]) -> Sequence[_Field]:
        return sorted(super().ordered(fields), key=lambda field: -field.number)


class LongLengths(_OtherMessages):
    """Write each length with a byte more than it needs."""

    def length(self, size: int) -> bytes:
        short = super().length(size)
        return short[:-1] + bytes((short[-1] | 0x80, 0))


def _fields(data: bytes) -> Iterator[_Field]:
    """Yield the fields of a message of the engine, which are well-formed."""
    at = 0
    while at < len(data):
        start, (tag, at) = at, _varint(data, at)
        bytes_of_tag, begin = data[start:at], at
        if delimited := tag & 7 == _LENGTH:
            size, begin = _varint(data, at)
            at = begin + size
        elif size := _SIZES.get(tag & 7, 0):
            at += size
        else:
            _, at = _varint(data, at)
        yield _Field(tag >> 3, bytes_of_tag, data[begin:at], delimited)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
