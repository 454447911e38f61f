"""Writers of the same messages in other bytes, and engines that use them.

A newer DataFusion may write such bytes, and so may any other implementation.

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
from tasks.variants.writing import Writing

_NUMBER, _LENGTH = 0, 2
_SIZES = {1: 8, 5: 4}
_UNKNOWN = 9999


@dataclass(frozen=True)
class _Field:
    """A field: its number, the bytes of its tag, and the rest; of a length, what it is of."""

    number: int
    tag: bytes
    content: bytes
    delimited: bool


class _OtherMessages(Writing):
    """A writer of a message, field by field."""

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


class AddsFields(_OtherMessages):
    """Add a text to every message, in a field that no reader knows."""

    def ordered(self, fields: Sequence[_Field]) -> Sequence[_Field]:
        added = _Field(_UNKNOWN, varint(_UNKNOWN << 3 | _LENGTH), b"note", delimited=True)
        return [*super().ordered(fields), added]


class ReordersFields(_OtherMessages):
    """Write the fields of a message with the highest number first; repeated ones in their order."""

    def ordered(self, fields: Sequence[_Field]) -> Sequence[_Field]:
        return sorted(super().ordered(fields), key=lambda field: -field.number)


class PadsLengths(_OtherMessages):
    """Write each length with a byte more than it needs."""

    def length(self, size: int) -> bytes:
        return _padded(super().length(size))


class PadsNumbers(_OtherMessages):
    """Write each tag and each small number with a byte more than it needs."""

    def field(self, field: _Field) -> bytes:
        content = _padded(field.content) if field.tag[0] & 7 == _NUMBER else field.content
        return super().field(replace(field, tag=_padded(field.tag), content=content))


class UnknownFields(AddsFields, OtherBytes):
    """Write messages with fields that no reader knows."""


class OtherOrder(ReordersFields, OtherBytes):
    """Write the fields of messages in another order."""


class LongLengths(PadsLengths, OtherBytes):
    """Write lengths that are longer than they need to be."""


class LongNumbers(PadsNumbers, OtherBytes):
    """Write tags and numbers that are longer than they need to be."""


def _padded(number: bytes) -> bytes:
    """Return a varint with a byte more, unless it would be longer than readers accept."""
    if len(number) > 4:
        return number
    return number[:-1] + bytes((number[-1] | 0x80, 0))


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
