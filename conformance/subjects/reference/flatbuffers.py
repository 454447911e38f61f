"""Flatbuffers by hand, as far as Arrow's schema messages need them.

A table is a dict of its slots when it is written, a ``Table`` when it is read.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Number:
    """A number in a slot: its format and its value."""

    format: str
    value: int


Slot: TypeAlias = "Number | str | Mapping[int, Any] | Sequence[Any]"
"""A number, a text, a table, or a vector of numbers or tables."""


def build_buffer(root: Mapping[int, Slot]) -> bytes:
    """Return a buffer whose root is this table."""
    out = bytearray(4)
    _refer(out, 0, _table(out, root))
    return bytes(out)


def _table(out: bytearray, slots: Mapping[int, Slot]) -> int:
    """Write a table behind what there is, then what it refers to; return its place.

    Each slot has eight bytes, so that all are aligned whatever they hold.
    """
    _align(out, 8, -4 - 2 * (max(slots, default=-1) + 1))
    size = max(slots, default=-1) + 1
    places = {slot: 8 + 8 * n for n, slot in enumerate(sorted(slots))}
    vtable = len(out)
    out += struct.pack("<HH", 4 + 2 * size, 8 + 8 * len(slots))
    out += struct.pack(f"<{size}H", *(places.get(slot, 0) for slot in range(size)))
    table = len(out)
    out += struct.pack("<ii", table - vtable, 0) + bytes(8 * len(slots))
    for slot, value in slots.items():
        at = table + places[slot]
        if isinstance(value, Number):
            struct.pack_into(f"<{value.format}", out, at, value.value)
        else:
            _refer(out, at, _object(out, value))
    return table


def _object(out: bytearray, value: Slot) -> int:
    if isinstance(value, str):
        _align(out, 4)
        at, data = len(out), value.encode()
        out += struct.pack("<I", len(data)) + data + b"\0"
        return at
    if isinstance(value, Mapping):
        return _table(out, value)
    assert isinstance(value, Sequence)
    _align(out, 8, -4)
    at = len(out)
    out += struct.pack("<I", len(value))
    for one in value:
        out += struct.pack("<i", one.value if isinstance(one, Number) else 0)
    for n, one in enumerate(value):
        if not isinstance(one, Number):
            _refer(out, at + 4 + 4 * n, _object(out, one))
    return at


def _refer(out: bytearray, at: int, to: int) -> None:
    struct.pack_into("<I", out, at, to - at)


def _align(out: bytearray, size: int, offset: int = 0) -> None:
    """Pad so that the value ``-offset`` bytes further on is aligned."""
    out += bytes(-(len(out) - offset) % size)


class Table:
    """A table in a buffer. What does not fit into the buffer is a ``ValueError``."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at
        self.vtable = at - self._unpack("i", at)
        self.size = self._unpack("H", self.vtable)

    @classmethod
    def root(cls, data: bytes) -> Table:
        """Return the root of a buffer."""
        if len(data) < 8:
            raise ValueError("no table")
        return cls(data, int(struct.unpack_from("<I", data, 0)[0]))

    def number(self, slot: int, format_: str, default: int = 0) -> int:
        """Return a number, or its default."""
        at = self._place(slot)
        return self._unpack(format_, at) if at else default

    def text(self, slot: int) -> str | None:
        """Return a text."""
        at = self._target(slot)
        if at is None:
            return None
        size = self._unpack("I", at)
        found = self.data[at + 4 : at + 4 + size]
        if len(found) != size:
            raise ValueError("a text is cut short")
        return found.decode()

    def table(self, slot: int) -> Table | None:
        """Return a table."""
        at = self._target(slot)
        return None if at is None else Table(self.data, at)

    def tables(self, slot: int) -> list[Table]:
        """Return a vector of tables."""
        found = []
        for at in self._vector(slot):
            found.append(Table(self.data, at + self._unpack("I", at)))
        return found

    def numbers(self, slot: int) -> list[int]:
        """Return a vector of 32-bit numbers."""
        return [self._unpack("i", at) for at in self._vector(slot)]

    def _vector(self, slot: int) -> range:
        at = self._target(slot)
        if at is None:
            return range(0)
        size = self._unpack("I", at)
        if at + 4 + 4 * size > len(self.data):
            raise ValueError("a vector is cut short")
        return range(at + 4, at + 4 + 4 * size, 4)

    def _place(self, slot: int) -> int:
        entry = 4 + 2 * slot
        if entry + 2 > self.size:
            return 0
        offset = self._unpack("H", self.vtable + entry)
        return self.at + offset if offset else 0

    def _target(self, slot: int) -> int | None:
        at = self._place(slot)
        return at + self._unpack("I", at) if at else None

    def _unpack(self, format_: str, at: int) -> int:
        if at < 0:
            raise ValueError("an offset before the buffer")
        try:
            return int(struct.unpack_from(f"<{format_}", self.data, at)[0])
        except struct.error:
            raise ValueError("an offset past the buffer") from None
