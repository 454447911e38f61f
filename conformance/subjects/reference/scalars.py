"""Literals in protobuf: the engine's ``ScalarValue``, and two fields beside it of our own.

The engine has no place for half floats and for a literal's metadata. Both
stand in fields that it passes over, so it reads the same value without them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from conformance.subjects.reference import arrow_types
from conformance.subjects.reference.protobuf import (
    Message,
    delimited,
    double,
    malformed,
    number,
    single,
    text,
    to_signed,
)
from conformance.subjects.reference.tree import Literal, Metadata
from conformance.subjects.reference.types import UNITS

HALF, METADATA = 100, 101
_NULL, _TIMESTAMP, _TIME32, _TIME64 = 33, 26, 15, 30
_WRONG = (ArithmeticError, LookupError, OSError, ValueError, struct.error, pa.ArrowException)
_NUMBERS = {
    1: pa.bool_(),
    4: pa.int8(),
    5: pa.int16(),
    6: pa.int32(),
    7: pa.int64(),
    8: pa.uint8(),
    9: pa.uint16(),
    10: pa.uint32(),
    11: pa.uint64(),
    14: pa.date32(),
    21: pa.date64(),
    **{35 + n: pa.duration(unit) for n, unit in enumerate(UNITS)},
}
_DATA = {
    2: pa.string(),
    3: pa.large_string(),
    23: pa.string_view(),
    28: pa.binary(),
    29: pa.large_binary(),
    22: pa.binary_view(),
}
_FIELDS = {type_: field for field, type_ in {**_NUMBERS, **_DATA}.items()}
_TEXTS = (2, 3, 23)
_DECIMALS = {20: 128, 39: 256, 43: 32, 44: 64}
_MOMENTS = {"us": 1, "ns": 2, "s": 3, "ms": 4}
"""The units of a timestamp, in an order of their own."""
_NESTED: Mapping[int, Callable[[pa.DataType], bool]] = {
    16: pa.types.is_large_list,
    17: pa.types.is_list,
    18: pa.types.is_fixed_size_list,
    32: pa.types.is_struct,
    41: pa.types.is_map,
}
_VALUES = {
    *(*_NUMBERS, *_DATA, 12, 13, _NULL, _TIMESTAMP, _TIME32, _TIME64),
    *(*_DECIMALS, 31, 34, *_NESTED),
}
"""The fields of a value, of which it has one; any other field is ignored."""


def write(literal: Literal) -> bytes:
    """Return the message of a literal."""
    return _value(literal.value) + metadata(METADATA, literal.metadata)


def metadata(field: int, pairs: Metadata) -> bytes:
    """Return a map of texts."""
    return b"".join(delimited(field, text(1, key) + text(2, value)) for key, value in pairs)


def read_metadata(message: Message, field: int) -> Metadata:
    """Return a map of texts."""
    pairs = map(Message, message.all(field))
    return tuple((pair.text(1), pair.text(2)) for pair in pairs)


def _value(value: pa.Scalar) -> bytes:
    type_, is_ = value.type, pa.types
    if not value.is_valid or is_.is_null(type_):
        return delimited(_NULL, arrow_types.write(type_))
    if type_ in _FIELDS:
        field = _FIELDS[type_]
        if field in _NUMBERS:
            return number(field, int(_storage(value)))
        return delimited(field, value.as_py())
    if is_.is_floating(type_):
        if type_ == pa.float64():
            return double(13, value.as_py())
        half = delimited(HALF, b"") if is_.is_float16(type_) else b""
        return single(12, float(value.as_py())) + half
    if is_.is_timestamp(type_):
        moment = number(_MOMENTS[type_.unit], _storage(value))
        return delimited(_TIMESTAMP, moment + text(5, type_.tz or ""))
    if is_.is_time(type_):
        field, index = (_TIME32 if is_.is_time32(type_) else _TIME64), UNITS.index(type_.unit)
        return delimited(field, number(index % 2 + 1, _storage(value)))
    if is_.is_decimal(type_):
        (field,) = (key for key, bits in _DECIMALS.items() if bits == type_.bit_width)
        data = value_bytes(value)[::-1]
        return delimited(
            field, delimited(1, data) + number(2, type_.precision) + number(3, type_.scale)
        )
    if is_.is_interval(type_):
        months, days, nanos = value.as_py()
        return delimited(31, number(1, months) + number(2, days) + number(3, nanos))
    if is_.is_fixed_size_binary(type_):
        return delimited(34, delimited(1, value.as_py()) + number(2, type_.byte_width))
    for field, fits in _NESTED.items():
        if fits(type_):
            return delimited(field, _batch(value))
    raise TypeError(f"no literal holds {type_}")


def _batch(value: pa.Scalar) -> bytes:
    """Return a nested value: a batch of one row, in Arrow's own message."""
    batch = pa.RecordBatch.from_arrays([pa.array([value], value.type)], ["field_name"])
    data = batch.serialize().to_pybytes()
    (size,) = struct.unpack_from("<i", data, 4)
    head, body = data[8 : 8 + size], data[8 + size :]
    schema = arrow_types.schema(list(batch.schema))
    return delimited(1, head) + delimited(2, body) + delimited(3, schema)


def _storage(value: pa.Scalar) -> int:
    """Return a number, a date, a time or a duration as the number that it is stored as."""
    if pa.types.is_boolean(value.type):
        return int(value.as_py())
    data = value_bytes(value)
    return int.from_bytes(data, "little", signed=not pa.types.is_unsigned_integer(value.type))


def value_bytes(value: pa.Scalar) -> bytes:
    """Return the bytes of a value of fixed width."""
    array = pa.array([value], value.type)
    width = value.type.bit_width // 8
    data: bytes = array.buffers()[1].to_pybytes()[array.offset * width :][:width]
    return data


def scalar_of(type_: pa.DataType, data: bytes) -> pa.Scalar:
    """Return a value of fixed width by its bytes."""
    return pa.Array.from_buffers(type_, 1, [None, pa.py_buffer(data)])[0]


def read(data: bytes) -> Literal:
    """Return the literal in a message."""
    message = Message(data)
    try:
        return Literal(_read(message), read_metadata(message, METADATA))
    except _WRONG as error:
        raise malformed(f"a literal: {error}") from None


def _read(message: Message) -> pa.Scalar:
    fields = [field for field in message.fields if field in _VALUES]
    if len(fields) != 1:
        raise malformed("a literal is not one value")
    (field,) = fields
    if field in _NUMBERS:
        return _number(_NUMBERS[field], message.number(field))
    if field in _DATA:
        raw: Any = message.text(field) if field in _TEXTS else message.data(field)
        return pa.scalar(raw, _DATA[field])
    if field == 13:
        return pa.scalar(message.float(13), pa.float64())
    if field == 12:
        value = message.float(12)
        if HALF in message.fields:
            return scalar_of(pa.float16(), struct.pack("<e", value))
        return pa.scalar(value, pa.float32())
    if field == _NULL:
        return pa.scalar(None, arrow_types.read(message.required(_NULL)))
    return _parts(field, Message(message.required(field)))


def _parts(field: int, inner: Message) -> pa.Scalar:
    if field == _TIMESTAMP:
        moments = [(unit, at) for unit, at in _MOMENTS.items() if at in inner.fields]
        if len(moments) != 1:
            raise malformed("a timestamp of no unit or of several")
        ((unit, place),) = moments
        return _number(pa.timestamp(unit, inner.text(5) or None), inner.number(place))
    if field in (_TIME32, _TIME64):
        units = UNITS[:2] if field == _TIME32 else UNITS[2:]
        make = pa.time32 if field == _TIME32 else pa.time64
        (number_,) = (place for place in inner.fields if place in (1, 2))
        return _number(make(units[number_ - 1]), inner.number(number_))
    if field in _DECIMALS:
        make_decimal: Any = getattr(pa, f"decimal{_DECIMALS[field]}")
        type_ = make_decimal(inner.number(2), to_signed(inner.number(3)))
        return scalar_of(type_, inner.required(1)[::-1])
    if field == 31:
        parts = struct.pack("<iiq", *(to_signed(inner.number(n)) for n in (1, 2, 3)))
        return scalar_of(pa.month_day_nano_interval(), parts)
    if field == 34:
        return pa.scalar(inner.data(1) or b"", pa.binary(inner.number(2)))
    if field in _NESTED:
        return _from_batch(inner)
    raise malformed(f"a literal of field {field}")


def _from_batch(inner: Message) -> pa.Scalar:
    head = inner.required(1)
    columns = Message(inner.required(3)).all(1)
    schema = pa.schema([arrow_types.read_field(column) for column in columns])
    head += bytes(-len(head) % 8)
    data = b"\xff\xff\xff\xff" + struct.pack("<i", len(head)) + head + (inner.data(2) or b"")
    batch = pa.ipc.read_record_batch(pa.py_buffer(data), schema)
    batch.validate(full=True)
    return batch.column(0)[0]


def _number(type_: pa.DataType, value: int) -> pa.Scalar:
    """Return a value by the number that it is stored as."""
    if pa.types.is_boolean(type_):
        return pa.scalar(bool(value))
    width = type_.bit_width // 8
    return scalar_of(type_, (value & (2 ** (8 * width) - 1)).to_bytes(width, "little"))
