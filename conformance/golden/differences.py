"""Tells two serialized expressions apart: header, tuple, schema, opcode, what is around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from conformance import wire
from conformance.wire import Definition, Found, Opcode, Payload, read_schema, schema_lines

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
    yield from _in_fields("header", one, other, ("family", "wire_version", "python"))
    first, second = Payload.read(one.payload), Payload.read(other.payload)
    before, after = Definition.of(one.family, first), Definition.of(other.family, second)
    yield from _in_fields("tuple", before, after, ("name", "volatility"))
    for field in ("input_schema", "return_schema", "state_schema"):
        schemas = getattr(before, field), getattr(after, field)
        if schemas[0] != schemas[1]:
            yield Difference(f"tuple, {field}", _schema(schemas[0]), _schema(schemas[1]))
    if first.globals != second.globals:
        yield Difference("imports", _short(first.globals), _short(second.globals))
    for index, (a, b) in enumerate(zip_longest(first.opcodes, second.opcodes)):
        if a is None or b is None or a.name != b.name:
            yield Difference(f"opcode {index}", _name(a), _name(b))
            return
        if a.argument != b.argument:
            field = f"opcode {index} {a.name}"
            yield Difference(field, _short(a.argument), _short(b.argument), minor=True)


def _in_fields(
    where: str, old: object, new: object, fields: tuple[str, ...]
) -> Iterator[Difference]:
    for field in fields:
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield Difference(f"{where}, {field}", _short(before), _short(after))


def _name(opcode: Opcode | None) -> str:
    return opcode.name if opcode else "nothing"


def _schema(data: bytes | None) -> str:
    return "none" if data is None else "; ".join(schema_lines(read_schema(data)))


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
