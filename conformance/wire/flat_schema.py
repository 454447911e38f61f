"""Read the flatbuffer of a schema for values that pyarrow lets pass, and the engine does not.

``Schema.fbs`` of Arrow has the numbers of types and fields. Every unit, precision and mode is
the first field of its type; a value that Arrow has not defined is read by pyarrow as another.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_CONTINUATION = b"\xff\xff\xff\xff"
_VALUES = {
    3: ("precision", 3),
    8: ("unit", 2),
    9: ("unit", 4),
    10: ("unit", 4),
    11: ("unit", 3),
    14: ("mode", 2),
    18: ("unit", 4),
}
"""By the number of a type: what its first field is, and how many values that has."""

_TIMESTAMP = 10


def strange(data: bytes) -> Iterator[str]:
    """Yield what is wrong in the schema at the start of a stream that pyarrow has read."""
    start = 8 if data.startswith(_CONTINUATION) else 4
    try:
        schema = _Table.root(data, start).table(2)
        if schema:
            yield from _metadata(schema, 2)
            for field in schema.tables(1):
                yield from _field(field)
    except (struct.error, IndexError):
        yield "its flatbuffer does not end where it says"


def _field(field: _Table) -> Iterator[str]:
    yield from _text("a name", field.text(0))
    yield from _metadata(field, 6)
    kind, type_ = field.number(2, "<B"), field.table(3)
    if type_ and kind in _VALUES:
        noun, count = _VALUES[kind]
        value = type_.number(0, "<h")
        if not 0 <= value < count:
            yield f"{noun} {value} of a type, which Arrow does not define"
    if type_ and kind == _TIMESTAMP:
        yield from _text("a time zone", type_.text(1))
    for child in field.tables(5):
        yield from _field(child)


def _metadata(table: _Table, slot: int) -> Iterator[str]:
    for pair in table.tables(slot):
        for text in (pair.text(0), pair.text(1)):
            yield from _text("a text of its metadata", text)


def _text(noun: str, text: bytes) -> Iterator[str]:
    try:
        text.decode()
    except UnicodeDecodeError:
        yield f"{noun} is not UTF-8: {text[:60]!r}"


@dataclass(frozen=True)
class _Table:
    """A table of a flatbuffer at an offset; its fields are numbered from 0."""

    data: bytes
    at: int

    @classmethod
    def root(cls, data: bytes, start: int) -> _Table:
        return cls(data, _follow(data, start))

    def place(self, slot: int) -> int:
        """Return where a field begins; 0 if the table does not have it."""
        (back,) = struct.unpack_from("<i", self.data, self.at)
        names = self.at - back
        (size,) = struct.unpack_from("<H", self.data, names)
        if 4 + 2 * slot + 2 > size:
            return 0
        (offset,) = struct.unpack_from("<H", self.data, names + 4 + 2 * slot)
        return self.at + int(offset) if offset else 0

    def number(self, slot: int, form: str) -> int:
        place = self.place(slot)
        return int(struct.unpack_from(form, self.data, place)[0]) if place else 0

    def table(self, slot: int) -> _Table | None:
        place = self.place(slot)
        return _Table(self.data, _follow(self.data, place)) if place else None

    def tables(self, slot: int) -> Iterator[_Table]:
        """Yield the tables of a field that is a list of them."""
        if place := self.place(slot):
            first = _follow(self.data, place)
            (count,) = struct.unpack_from("<I", self.data, first)
            for number in range(count):
                yield _Table(self.data, _follow(self.data, first + 4 + 4 * number))

    def text(self, slot: int) -> bytes:
        place = self.place(slot)
        if not place:
            return b""
        start = _follow(self.data, place)
        (size,) = struct.unpack_from("<I", self.data, start)
        return self.data[start + 4 : start + 4 + size]


def _follow(data: bytes, place: int) -> int:
    (offset,) = struct.unpack_from("<I", data, place)
    return place + int(offset)
