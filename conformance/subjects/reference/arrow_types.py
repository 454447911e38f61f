"""Arrow's types in protobuf: the engine's ``ArrowType`` and ``Field``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from conformance.subjects.reference.protobuf import (
    Message,
    delimited,
    flag,
    malformed,
    number,
    text,
    to_signed,
)
from conformance.subjects.reference.types import UNITS

_PLAIN: Mapping[int, pa.DataType] = {
    1: pa.null(),
    2: pa.bool_(),
    3: pa.uint8(),
    4: pa.int8(),
    5: pa.uint16(),
    6: pa.int16(),
    7: pa.uint32(),
    8: pa.int32(),
    9: pa.uint64(),
    10: pa.int64(),
    11: pa.float16(),
    12: pa.float32(),
    13: pa.float64(),
    14: pa.string(),
    15: pa.binary(),
    17: pa.date32(),
    18: pa.date64(),
    31: pa.large_binary(),
    32: pa.large_string(),
    34: pa.binary_view(),
    35: pa.string_view(),
}
_NUMBERS = {type_: field for field, type_ in _PLAIN.items()}
_INTERVAL, _MONTH_DAY_NANO = 23, 2
_DECIMALS = {40: "decimal32", 41: "decimal64", 24: "decimal128", 36: "decimal256"}
_LISTS: Mapping[int, Callable[..., pa.DataType]] = {25: pa.list_, 26: pa.large_list}
_KNOWN = {*_PLAIN, 16, *(19, 20, 21, 22), _INTERVAL, *_DECIMALS, *_LISTS, 27, 28, 30, 33}
"""The fields of a type, of which it has one; any other field is ignored."""


def write(type_: pa.DataType) -> bytes:
    """Return the message of a type."""
    if type_ in _NUMBERS:
        return delimited(_NUMBERS[type_], b"")
    is_ = pa.types
    if is_.is_timestamp(type_):
        return delimited(20, _number(1, UNITS.index(type_.unit)) + text(2, type_.tz or ""))
    if is_.is_duration(type_) or is_.is_time(type_):
        field = 19 if is_.is_duration(type_) else 21 if is_.is_time32(type_) else 22
        return number(field, UNITS.index(type_.unit))
    if is_.is_interval(type_):
        return number(_INTERVAL, _MONTH_DAY_NANO)
    if is_.is_decimal(type_):
        (field,) = (key for key, name in _DECIMALS.items() if name == f"decimal{type_.bit_width}")
        return delimited(field, _number(3, type_.precision) + _number(4, type_.scale))
    if is_.is_fixed_size_binary(type_):
        return number(16, type_.byte_width)
    if is_.is_fixed_size_list(type_):
        return delimited(27, delimited(1, field_(type_.value_field)) + number(2, type_.list_size))
    if is_.is_map(type_):
        entries = pa.struct([type_.key_field, type_.item_field])
        inner = field_(pa.field("entries", entries, nullable=False))
        return delimited(33, delimited(1, inner) + flag(2, type_.keys_sorted))
    if is_.is_list(type_) or is_.is_large_list(type_):
        return delimited(25 if is_.is_list(type_) else 26, delimited(1, field_(type_.value_field)))
    if is_.is_struct(type_):
        inside = (type_.field(n) for n in range(type_.num_fields))
        return delimited(28, b"".join(delimited(1, field_(one)) for one in inside))
    if is_.is_dictionary(type_):
        both = delimited(1, write(type_.index_type)) + delimited(2, write(type_.value_type))
        return delimited(30, both)
    raise TypeError(f"no protobuf for {type_}")


def field_(field: pa.Field) -> bytes:
    """Return the message of a field."""
    return text(1, field.name) + delimited(2, write(field.type)) + flag(3, field.nullable)


def schema(fields: list[pa.Field]) -> bytes:
    """Return the message of a schema."""
    return b"".join(delimited(1, field_(field)) for field in fields)


def read(data: bytes) -> pa.DataType:
    """Return the type in a message."""
    message = Message(data)
    known = [field for field in message.fields if field in _KNOWN]
    if len(known) != 1:
        raise malformed("a type is not one type")
    (field,) = known
    if field in _PLAIN:
        return _PLAIN[field]
    try:
        return _parametric(message, field)
    except (LookupError, OverflowError, TypeError, ValueError, pa.ArrowException) as error:
        raise malformed(f"type {field}: {error}") from None


def read_field(data: bytes) -> pa.Field:
    """Return the field in a message."""
    message = Message(data)
    return pa.field(message.text(1), read(message.required(2)), nullable=bool(message.number(3)))


def _parametric(message: Message, field: int) -> pa.DataType:
    if field in (19, 21, 22):
        make = {19: pa.duration, 21: pa.time32, 22: pa.time64}[field]
        return make(UNITS[message.number(field)])
    if field == 16:
        return pa.binary(message.number(field))
    if field == _INTERVAL and message.number(field) == _MONTH_DAY_NANO:
        return pa.month_day_nano_interval()
    inner = Message(message.required(field))
    if field == 20:
        return pa.timestamp(UNITS[inner.number(1)], inner.text(2) or None)
    if field in _DECIMALS:
        make_decimal: Any = getattr(pa, _DECIMALS[field])
        return make_decimal(inner.number(3), to_signed(inner.number(4)))
    if field in _LISTS:
        return _LISTS[field](read_field(inner.required(1)))
    if field == 27:
        return pa.list_(read_field(inner.required(1)), inner.number(2))
    if field == 28:
        return pa.struct([read_field(one) for one in inner.all(1)])
    if field == 30:
        return pa.dictionary(read(inner.required(1)), read(inner.required(2)))
    if field == 33:
        entries = read_field(inner.required(1)).type
        if not pa.types.is_struct(entries):
            raise ValueError("a map's entries are no structs")
        key, item = entries
        return pa.map_(key, item, keys_sorted=bool(inner.number(2)))
    raise ValueError("not known here")


def _number(field: int, value: int) -> bytes:
    return number(field, value) if value else b""
