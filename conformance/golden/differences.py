"""Tells two serialized expressions apart: header, tuple, schema, opcode, what is around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from conformance import wire
from conformance.wire import Definition, Found, Payload, read_schema, schema_lines

_SHOWN = 70


@dataclass(frozen=True)
class Difference:
    """A field that is not the same. ``minor`` is one that a Python patch release may bring."""

    field: str
    old: str
    new: str
    minor: bool = False

    def __str__(self) -> str:
        return f"{self.field}: {self.old} became {self.new}"


def differences(old: bytes, new: bytes) -> Iterator[Difference]:
    """What is different in ``new``, field by field and opcode by opcode.

    Only the arguments of opcodes are ``minor``: bytecode and line tables are
    among them. Nothing comes for equal bytes.
    """
    if old == new:
        return
    before, after = wire.find(old), wire.find(new)
    if len(before) != len(after):
        yield Difference("number of frames", str(len(before)), str(len(after)))
        return
    for number, (one, other) in enumerate(zip(before, after, strict=True)):
        for found in _in_frame(one, other):
            yield Difference(f"frame {number}, {found.field}", found.old, found.new, found.minor)
    around = [
        wire.replace(data, {f.path: b"" for f in found})
        for data, found in ((old, before), (new, after))
    ]
    if around[0] != around[1]:
        yield Difference("protobuf around the frames", _short(around[0]), _short(around[1]))


def _in_frame(old: Found, new: Found) -> Iterator[Difference]:
    one, other = old.frame(any_version=True), new.frame(any_version=True)
    for field in ("family", "wire_version", "python"):
        if getattr(one, field) != getattr(other, field):
            yield Difference(
                f"header, {field}", *map(_short, (getattr(one, field), getattr(other, field)))
            )
    first, second = Payload.read(one.payload), Payload.read(other.payload)
    yield from _in_tuple(Definition.of(one.family, first), Definition.of(other.family, second))
    if first.globals != second.globals:
        yield Difference("imports", _short(first.globals), _short(second.globals))
    for index, (a, b) in enumerate(zip_longest(first.opcodes, second.opcodes)):
        if a is None or b is None or a.name != b.name:
            names = [opcode.name if opcode else "nothing" for opcode in (a, b)]
            yield Difference(f"opcode {index}", *names)
            return
        if a.argument != b.argument:
            yield Difference(
                f"opcode {index} {a.name}", _short(a.argument), _short(b.argument), minor=True
            )


def _in_tuple(old: Definition, new: Definition) -> Iterator[Difference]:
    for field in ("name", "volatility"):
        if getattr(old, field) != getattr(new, field):
            yield Difference(
                f"tuple, {field}", _short(getattr(old, field)), _short(getattr(new, field))
            )
    for field in ("input_schema", "return_schema", "state_schema"):
        one, other = getattr(old, field), getattr(new, field)
        if one != other:
            shown = [
                "none" if schema is None else "; ".join(schema_lines(read_schema(schema)))
                for schema in (one, other)
            ]
            yield Difference(f"tuple, {field}", *shown)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
