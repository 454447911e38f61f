"""Find every field of a message, with the lengths around it, for the mutations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from conformance.wire.protobuf import has_magic
from conformance.wire.region import Region, no_prefix, varint

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
_SIZES = {FIXED64: 8, FIXED32: 4}
_MAX_DEPTH = 60
"""The nesting depth at which fields are still listed; mutations nest deeper."""


@dataclass(frozen=True)
class Field:
    """A field: its number, wire type, and the regions around it, itself last.

    The last region begins at the tag and ends with the value: ``wire.region.splice``
    corrects the lengths around it.
    """

    number: int
    wire_type: int
    regions: tuple[Region, ...]
    message: bool = False
    """True if the value parses as a message with fields of its own."""

    @property
    def whole(self) -> tuple[Region, ...]:
        """The regions for an edit of tag, length and value."""
        return (*self.regions[:-1], self.regions[-1].with_tag())

    def value(self, data: bytes) -> bytes:
        """Return the bytes of the value, without tag and length."""
        return data[self.regions[-1].start : self.regions[-1].end]


@lru_cache(maxsize=512)
def fields(data: bytes) -> tuple[Field, ...]:
    """Return all fields of ``data``, outer ones first; none if it does not parse as a message.

    Frames, envelopes and texts are opaque values.
    """
    found: list[Field] = []
    _read(data, 0, len(data), (), found)
    return tuple(found)


def _read(data: bytes, at: int, end: int, around: tuple[Region, ...], found: list[Field]) -> bool:
    """Append the fields of ``data[at:end]``; return false, and append none, if it is no message."""
    first = len(found)
    for number, wire_type, region in _fields(data, at, end):
        if region is None:
            del found[first:]
            return False
        place = len(found)
        regions = (*around, region)
        found.append(Field(number, wire_type, regions))
        inside = data[region.start : region.end]
        if wire_type == LENGTH and len(inside) > 1 and not has_magic(inside):
            deep = len(regions) > _MAX_DEPTH
            if not deep and _read(data, region.start, region.end, regions, found):
                found[place] = Field(number, wire_type, regions, message=True)
    return True


def _fields(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, Region | None]]:
    """Yield the fields of a message; a field without a region means that it does not parse."""
    while at < end:
        key, value = _varint(data, at, end)
        number, wire_type = key >> 3, key & 7
        prefix = value
        if wire_type == LENGTH:
            size, value = _varint(data, prefix, end)
            after = value + size
        elif wire_type == VARINT:
            _, after = _varint(data, prefix, end)
        else:
            after = value + _SIZES.get(wire_type, end + 1)
        if not number or not value or after > end or after <= at or not prefix:
            yield 0, 0, None
            return
        length = varint if wire_type == LENGTH else no_prefix
        yield number, wire_type, Region(prefix, value, after, length, at)
        at = after


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return a varint and the offset behind it; the offset is 0 for a malformed varint."""
    value = shift = 0
    while at < end:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            break
    return 0, 0


def tag(number: int, wire_type: int) -> bytes:
    """Return the tag of a field."""
    return varint(number << 3 | wire_type)
