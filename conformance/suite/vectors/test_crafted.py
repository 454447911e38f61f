"""Bytes that no golden has, for programs that run no UDF: types, unknown fields, deep calls."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pytest

from conformance.negative import STORED, pickles
from conformance.negative.artifacts import OUTER, PLACES, call
from conformance.negative.frames import frame, payload
from conformance.runner.assertions import assert_equal, assert_same_bytes, assert_true
from conformance.subjects.codec import Conditions, Decision
from conformance.subjects.interface import Subject
from conformance.suite.helpers.markers import clause, needs
from conformance.suite.helpers.vector_goldens import codec_of


def _field(name: str, metadata: Mapping[str, str], *, nullable: bool = True) -> pa.Field:
    return pa.field(name, pa.int64(), nullable, metadata)


def _named(*names: str) -> pa.DataType:
    return pa.struct([pa.field(name, pa.bool_()) for name in names])


def _noted(*keys: str) -> pa.DataType:
    return pa.struct([_field("a", dict.fromkeys(keys, ""))])


_MEMBERS = [pa.field("a", pa.int64()), pa.field("b", pa.string(), nullable=False)]
_ORDERED = pa.dictionary(pa.int8(), pa.string(), ordered=True)
_UNIT = {"unit": "m"}
_UUID = {"ARROW:extension:name": "arrow.uuid", "ARROW:extension:metadata": ""}

TYPES: Mapping[str, tuple[pa.DataType, str]] = {
    "ordered": (_ORDERED, "dictionary<values=string, indices=int8, ordered=1>"),
    "index-type": (
        pa.dictionary(pa.uint16(), pa.int64()),
        "dictionary<values=int64, indices=uint16, ordered=0>",
    ),
    "ordered-inside": (
        pa.struct([pa.field("a", _ORDERED)]),
        "struct<a: dictionary<values=string, indices=int8, ordered=1>>",
    ),
    "negative-scale": (pa.decimal128(10, -2), "decimal128(10, -2)"),
    "negative-scale-256": (pa.decimal256(76, -30), "decimal256(76, -30)"),
    "sparse-codes": (
        pa.sparse_union(_MEMBERS, [5, 9]),
        "sparse_union<a: int64=5, b: string not null=9>",
    ),
    "dense-codes": (
        pa.dense_union(_MEMBERS, [9, 5]),
        "dense_union<a: int64=9, b: string not null=5>",
    ),
    "metadata": (pa.struct([_field("a", _UNIT)]), 'struct<a: int64 {"unit": "m"}>'),
    "metadata-not-null": (
        pa.list_(_field("item", _UNIT, nullable=False)),
        'list<item: int64 not null {"unit": "m"}>',
    ),
    "metadata-deep": (
        pa.map_(pa.string(), pa.list_(_field("x", _UNIT))),
        'map<key: string not null, value: list<x: int64 {"unit": "m"}>>',
    ),
    "metadata-order": (
        _noted("b", "a", "B", "10", "9"),
        'struct<a: int64 {"10": "", "9": "", "B": "", "a": "", "b": ""}>',
    ),
    # In UTF-16 the second one comes first.
    "metadata-beyond-16-bits": (
        _noted("\U0001f600", "\uff5e"),
        'struct<a: int64 {"\uff5e": "", "\U0001f600": ""}>',
    ),
    "metadata-quoted": (_noted('"\\'), 'struct<a: int64 {"\\"\\\\": ""}>'),
    "extension-inside": (
        pa.struct([pa.field("a", pa.binary(16), metadata=_UUID)]),
        "struct<a: fixed_size_binary[16] "
        '{"ARROW:extension:metadata": "", "ARROW:extension:name": "arrow.uuid"}>',
    ),
    "names-bare": (
        _named("a.b", "a-b", "a_B", "9"),
        "struct<a.b: bool, a-b: bool, a_B: bool, 9: bool>",
    ),
    "names-quoted": (
        _named("", "a b", "a:b", "größe"),
        'struct<"": bool, "a b": bool, "a:b": bool, "größe": bool>',
    ),
    "names-escaped": (
        _named('"', "\\", "\n", "\x1f", "/"),
        'struct<"\\"": bool, "\\\\": bool, "\\n": bool, "\\u001f": bool, "/": bool>',
    ),
    "zone-quoted": (pa.timestamp("s", "a zone"), 'timestamp[s, tz="a zone"]'),
    "keys-sorted": (
        pa.map_(pa.string(), pa.int64(), keys_sorted=True),
        "map<key: string not null, value: int64, keys_sorted>",
    ),
    "sized-list": (
        pa.list_(pa.field("x", pa.int64(), nullable=False), 3),
        "fixed_size_list<x: int64 not null>[3]",
    ),
}
"""Types, and their texts by the grammar of ``golden/README.md``."""

FIELD_2000 = {
    "varint": b"\x80\x7d\xac\x02",
    "long-varint": b"\x80\x7d\x81\x80\x00",
    "64-bit": b"\x81\x7d\x01\x02\x03\x04\x05\x06\x07\x08",
    "delimited": b"\x82\x7d\x03abc",
    "long-length": b"\x82\x7d\x83\x00abc",
    "group": b"\x83\x7d\x08\x01\x84\x7d",
    "32-bit": b"\x85\x7d\x01\x02\x03\x04",
}
LARGEST_FIELD = {
    "varint": b"\xf8\xff\xff\xff\x0f\xac\x02",
    "64-bit": b"\xf9\xff\xff\xff\x0f\x01\x02\x03\x04\x05\x06\x07\x08",
    "delimited": b"\xfa\xff\xff\xff\x0f\x03abc",
    "group": b"\xfb\xff\xff\xff\x0f\x08\x01\xfc\xff\xff\xff\x0f",
    "32-bit": b"\xfd\xff\xff\xff\x0f\x01\x02\x03\x04",
}
UNKNOWN = {
    **{f"2000-{name}": data for name, data in FIELD_2000.items()},
    **{f"536870911-{name}": data for name, data in LARGEST_FIELD.items()},
}
"""Fields with numbers that no message of DataFusion has, by number and wire type."""


@clause("PROGRAM-04")
@pytest.mark.parametrize("name", list(TYPES))
def test_types(subject: Subject, name: str) -> None:
    """The program takes apart a frame whose input has a type. The text of the type is right."""
    type_, text = TYPES[name]
    inputs = pa.schema([pa.field("arg_0", type_)]).serialize().to_pybytes()
    content = payload("scalar", inputs=pickles.data(inputs))
    data = call("scalar", frame("scalar", STORED, content).to_bytes())
    (found,) = codec_of(subject).take_apart("expression", data)["frames"]
    assert_equal(found["inputs"], [{"name": "arg_0", "type": text}], f"the input of {name}")


@clause("PROGRAM-06")
@pytest.mark.parametrize("field", list(UNKNOWN))
def test_keeps_unknown_fields(subject: Subject, field: str) -> None:
    """The program writes back a call with a field that it does not know, in it and behind it."""
    unknown = UNKNOWN[field]
    data = call("scalar", frame("scalar", STORED).to_bytes(), more=unknown) + unknown
    assert_same_bytes(codec_of(subject).write_back("expression", data), data, field)


def _decide_deep(subject: Subject, depth: int, *, inlining: bool) -> Decision:
    """Return the decision about a frame inside so many calls by name, which are registered."""
    data = call("scalar", frame("scalar", STORED).to_bytes())
    for _ in range(depth):
        data = PLACES["argument"](data)
    conditions = Conditions("{}.{}".format(*STORED), inlining, (), (("scalar", OUTER),))
    return codec_of(subject).decide("expression", data, conditions)


# No vectors: the error of a released engine doubles with each call around the frame.
@clause("STRICT-09")
@needs("decide")
@pytest.mark.parametrize("depth", [30, 45])
def test_strict_refuses_deep_calls(subject: Subject, depth: int) -> None:
    """A strict session gets a frame inside many calls by name. It refuses the frame."""
    seen = _decide_deep(subject, depth, inlining=False)
    assert_true(not seen.accepted, f"{depth} calls deep: accepted", "accepted", kind="no-error")


@clause("INLINE-17")
@needs("decide")
@pytest.mark.parametrize("depth", [30, 45])
def test_accepts_deep_calls(subject: Subject, depth: int) -> None:
    """An inlining session gets a frame inside many calls by name. It accepts the frame."""
    seen = _decide_deep(subject, depth, inlining=True)
    assert_true(seen.accepted, f"{depth} calls deep: refused", seen.message)
