"""The changes of one member of a frame's tuple, without unpickling it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import pyarrow as pa

from conformance.wire import Frame, WireError
from conformance.wire.definition import Definition
from conformance.wire.pickles import bytes_objects, opcodes
from conformance.wire.region import Region, splice, u64
from conformance.wire.schema import read_schema

FrameChange = Callable[[bytes], bytes]
INPUT, RETURN, STATE = range(3)


def _schema(which: int, change: Callable[[pa.Field], pa.Field], frame: bytes) -> bytes:
    """Change the last field of one schema."""

    def changed(schema: pa.Schema) -> pa.Schema:
        last = len(schema) - 1
        return schema.set(last, change(schema.field(last))) if len(schema) else schema

    return _edit_schemas(frame, lambda found: {which: _write(changed(read_schema(found[which])))})


def _swapped(frame: bytes, one: int, other: int) -> bytes:
    return _edit_schemas(frame, lambda found: {one: found[other], other: found[one]})


def _field_lost(which: int, frame: bytes) -> bytes:
    def shorter(found: list[bytes]) -> Mapping[int, bytes]:
        schema = read_schema(found[which])
        return {which: _write(pa.schema(list(schema)[:-1]))} if len(schema) > 1 else {}

    return _edit_schemas(frame, shorter)


def _fields_reversed(which: int, frame: bytes) -> bytes:
    def turned(found: list[bytes]) -> Mapping[int, bytes]:
        return {which: _write(pa.schema(list(read_schema(found[which]))[::-1]))}

    return _edit_schemas(frame, turned)


def _edit_schemas(frame: bytes, change: Callable[[list[bytes]], Mapping[int, bytes]]) -> bytes:
    """Replace schemas by their number: input, return, state."""
    try:
        definition = Definition.read(Frame.parse(frame))
    except WireError:
        return frame
    payload = frame[Frame.HEADER_SIZE :]
    schemas = [definition.input_schema, definition.return_schema]
    schemas += [definition.state_schema] if definition.state_schema is not None else []
    regions = [
        one
        for one in bytes_objects(opcodes(payload))
        if payload[one[-1].start : one[-1].end] in schemas
    ]
    found = [payload[one[-1].start : one[-1].end] for one in regions]
    if found != schemas:
        return frame
    try:
        new = change(found)
    except (IndexError, WireError):
        return frame  # it has no state
    edits = [(regions[number], data) for number, data in new.items()]
    return frame[: Frame.HEADER_SIZE] + splice(payload, edits)


def _text(member: str, new: Callable[[str], str], frame: bytes) -> bytes:
    """Change the name, the first text of the tuple, or the volatility, the last."""
    try:
        definition = Definition.read(Frame.parse(frame))
    except WireError:
        return frame
    payload = frame[Frame.HEADER_SIZE :]
    old: str = getattr(definition, member)
    regions = [one for text, one in _texts(payload) if text == old]
    if not regions:
        return frame
    chosen = regions[0 if member == "name" else -1]
    return frame[: Frame.HEADER_SIZE] + splice(payload, [(chosen, new(old).encode())])


def _texts(payload: bytes) -> Iterator[tuple[str, tuple[Region, ...]]]:
    outer: tuple[Region, ...] = ()
    for opcode in opcodes(payload):
        if opcode.name == "FRAME" and isinstance(opcode.argument, int):
            start = opcode.position + 9
            outer = (Region(start - 8, start, start + opcode.argument, u64),)
        elif opcode.name == "SHORT_BINUNICODE" and isinstance(opcode.argument, str):
            start = opcode.position + 2
            end = start + len(opcode.argument.encode())
            yield (
                opcode.argument,
                (*outer, Region(start - 1, start, end, lambda size: bytes([size]))),
            )


def _write(schema: pa.Schema) -> bytes:
    sink = pa.BufferOutputStream()
    pa.ipc.new_stream(sink, schema).close()
    return bytes(sink.getvalue())


def _other_key(field: pa.Field) -> pa.Field:
    old = field.metadata or {}
    return field.with_metadata({key + b"_": value for key, value in old.items()} or None)


def _other_value(field: pa.Field) -> pa.Field:
    old = field.metadata or {}
    return field.with_metadata({key: value + b"_" for key, value in old.items()} or None)


def _less(field: pa.Field) -> pa.Field:
    return field.with_metadata(dict(list((field.metadata or {}).items())[:-1]) or None)


def _nullable(field: pa.Field) -> pa.Field:
    return field.with_nullable(not field.nullable)


_NEXT = {"immutable": "stable", "stable": "volatile", "volatile": "immutable"}

CHANGES: Mapping[str, FrameChange] = {
    "name": partial(_text, "name", lambda name: f"{name[:-1]}_"),
    "volatility": partial(_text, "volatility", _NEXT.__getitem__),
    "input-unchanged": partial(_schema, INPUT, lambda field: field),
    "input-name": partial(_schema, INPUT, lambda field: field.with_name(f"{field.name}_")),
    "input-nullability": partial(_schema, INPUT, _nullable),
    "input-field-lost": partial(_field_lost, INPUT),
    "input-reversed": partial(_fields_reversed, INPUT),
    "return-name": partial(_schema, RETURN, lambda field: field.with_name(f"{field.name}_")),
    "return-nullability": partial(_schema, RETURN, _nullable),
    "return-type": partial(_schema, RETURN, lambda field: field.with_type(pa.binary())),
    "return-key": partial(_schema, RETURN, _other_key),
    "return-value": partial(_schema, RETURN, _other_value),
    "return-key-lost": partial(_schema, RETURN, _less),
    "state-name": partial(_schema, STATE, lambda field: field.with_name(f"{field.name}_")),
    "state-nullability": partial(_schema, STATE, _nullable),
    "state-key": partial(_schema, STATE, _other_key),
    "state-value": partial(_schema, STATE, _other_value),
    "state-field-lost": partial(_field_lost, STATE),
    "state-reversed": partial(_fields_reversed, STATE),
    "input-as-return": partial(_swapped, one=INPUT, other=RETURN),
}
"""The changes by name. ``input-unchanged`` writes the schema again: nothing may notice it."""
