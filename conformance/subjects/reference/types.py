"""Arrow's types in its schema messages: what stands in a field's type table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from conformance.subjects.reference.flatbuffers import Number, Slot, Table

UNITS = ("s", "ms", "us", "ns")
_FLOATS = (pa.float16(), pa.float32(), pa.float64())
_PLAIN: Mapping[int, Callable[[], pa.DataType]] = {
    1: pa.null,
    4: pa.binary,
    5: pa.string,
    6: pa.bool_,
    19: pa.large_binary,
    20: pa.large_string,
    23: pa.binary_view,
    24: pa.string_view,
}
"""Types without parameters, by their numbers in the union of all types."""
_LISTS: Mapping[int, Callable[..., pa.DataType]] = {
    12: pa.list_,
    21: pa.large_list,
    25: pa.list_view,
    26: pa.large_list_view,
}
_INTS = {
    (bits, sign): getattr(pa, f"{'' if sign else 'u'}int{bits}")()
    for bits in (8, 16, 32, 64)
    for sign in (True, False)
}

TypeDescription = tuple[int, dict[int, Slot], Sequence[pa.Field]]
"""A type's number, its table and its children."""


def describe_type(type_: pa.DataType) -> TypeDescription:
    """Return what a schema message says of a type.

    For a dictionary, return the type of its values.
    """
    is_ = pa.types
    for number, make in _PLAIN.items():
        if type_ == make():
            return number, {}, ()
    if is_.is_integer(type_):
        return 2, integer(type_), ()
    if type_ in _FLOATS:
        return 3, {0: Number("h", _FLOATS.index(type_))}, ()
    if is_.is_decimal(type_):
        table: dict[int, Slot] = {0: Number("i", type_.precision), 1: Number("i", type_.scale)}
        return 7, {**table, 2: Number("i", type_.bit_width)}, ()
    if is_.is_date(type_):
        return 8, {0: Number("h", int(is_.is_date64(type_)))}, ()
    if is_.is_time(type_):
        return 9, {0: _unit(type_), 1: Number("i", type_.bit_width)}, ()
    if is_.is_timestamp(type_):
        zone: dict[int, Slot] = {} if type_.tz is None else {1: type_.tz}
        return 10, {0: _unit(type_), **zone}, ()
    if is_.is_interval(type_):
        return 11, {0: Number("h", 2)}, ()
    if is_.is_duration(type_):
        return 18, {0: _unit(type_)}, ()
    return _nested(type_)


def _nested(type_: pa.DataType) -> TypeDescription:
    is_ = pa.types
    if is_.is_map(type_):
        entries = pa.struct([type_.key_field, type_.item_field])
        sorted_: dict[int, Slot] = {0: Number("?", True)} if type_.keys_sorted else {}
        return 17, sorted_, [pa.field("entries", entries, nullable=False)]
    if is_.is_fixed_size_list(type_):
        return 16, {0: Number("i", type_.list_size)}, [type_.value_field]
    if is_.is_fixed_size_binary(type_):
        return 15, {0: Number("i", type_.byte_width)}, ()
    for number, make in _LISTS.items():
        if _is_list(type_) and type_ == make(type_.value_field):
            return number, {}, [type_.value_field]
    if is_.is_struct(type_):
        return 13, {}, [type_.field(n) for n in range(type_.num_fields)]
    if is_.is_union(type_):
        codes = [Number("i", code) for code in type_.type_codes]
        mode = Number("h", int(type_.mode == "dense"))
        return 14, {0: mode, 1: codes}, [type_.field(n) for n in range(type_.num_fields)]
    if is_.is_run_end_encoded(type_):
        ends = pa.field("run_ends", type_.run_end_type, nullable=False)
        return 22, {}, [ends, pa.field("values", type_.value_type)]
    raise TypeError(f"no schema message holds {type_}")


def integer(type_: pa.DataType) -> dict[int, Slot]:
    """Return the table of an integer type."""
    sign = {1: Number("?", True)} if pa.types.is_signed_integer(type_) else {}
    return {0: Number("i", type_.bit_width), **sign}


def read(number: int, table: Table, children: Sequence[pa.Field]) -> pa.DataType:
    """Return the type that a schema message describes. What is none is a ``ValueError``."""
    if number in _PLAIN:
        return _PLAIN[number]()
    if number in _LISTS:
        return _LISTS[number](_only(children))
    if number not in _READERS:
        raise ValueError(f"type number {number}")
    try:
        return _READERS[number](table, children)
    except (LookupError, OverflowError, TypeError, pa.ArrowException) as error:
        raise ValueError(f"type number {number}: {error}") from None


def read_integer(table: Table) -> pa.DataType:
    """Return the integer type in a table."""
    return _INTS[table.number(0, "i"), bool(table.number(1, "?"))]


def _decimal(table: Table, _: Any) -> pa.DataType:
    make = getattr(pa, f"decimal{table.number(2, 'i', 128)}", None)
    if make is None:
        raise ValueError("a decimal of another width")
    return make(table.number(0, "i"), table.number(1, "i"))


def _map(table: Table, children: Sequence[pa.Field]) -> pa.DataType:
    entries = _only(children).type
    if not pa.types.is_struct(entries) or entries.num_fields != 2:
        raise ValueError("a map's entries are no pairs")
    return pa.map_(entries.field(0), entries.field(1), keys_sorted=bool(table.number(0, "?")))


def _union(table: Table, children: Sequence[pa.Field]) -> pa.DataType:
    codes = table.numbers(1) or list(range(len(children)))
    make = pa.dense_union if table.number(0, "h") else pa.sparse_union
    return make(list(children), codes)


def _interval(table: Table, _: Any) -> pa.DataType:
    if table.number(0, "h") != 2:
        raise ValueError("an interval that pyarrow does not have")
    return pa.month_day_nano_interval()


def _time(table: Table, _: Any) -> pa.DataType:
    unit, bits = UNITS[table.number(0, "h", 1)], table.number(1, "i", 32)
    return {32: pa.time32, 64: pa.time64}[bits](unit)


def _runs(_: Table, children: Sequence[pa.Field]) -> pa.DataType:
    ends, values = children
    return pa.run_end_encoded(ends.type, values.type)


_READERS: Mapping[int, Callable[[Table, Sequence[pa.Field]], pa.DataType]] = {
    2: lambda table, _: read_integer(table),
    3: lambda table, _: _FLOATS[table.number(0, "h")],
    7: _decimal,
    8: lambda table, _: (pa.date32(), pa.date64())[table.number(0, "h", 1)],
    9: _time,
    10: lambda table, _: pa.timestamp(UNITS[table.number(0, "h")], table.text(1)),
    11: _interval,
    13: lambda _, children: pa.struct(children),
    14: _union,
    15: lambda table, _: pa.binary(table.number(0, "i")),
    16: lambda table, children: pa.list_(_only(children), table.number(0, "i")),
    17: _map,
    18: lambda table, _: pa.duration(UNITS[table.number(0, "h", 1)]),
    22: _runs,
}


def _only(children: Sequence[pa.Field]) -> pa.Field:
    if len(children) != 1:
        raise ValueError(f"{len(children)} children in the place of one")
    return children[0]


def _is_list(type_: pa.DataType) -> bool:
    return hasattr(type_, "value_field")


def _unit(type_: pa.DataType) -> Number:
    return Number("h", UNITS.index(type_.unit))
