"""The text of Arrow types: written by hand here, and read back for every type of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.catalogue import ENTRIES, SHAPES, UNANSWERED
from conformance.catalogue.boundaries import TYPES
from conformance.catalogue.entry import Entry
from conformance.catalogue.queries import QUERIES
from conformance.catalogue.query import Query
from conformance.wire import MalformedSchema
from conformance.wire.type_parser import TypeNotationError, parse
from conformance.wire.types import PLAIN, field_record, render
from tests.conftest import ROOT

pa = pytest.importorskip("pyarrow")

TENSOR = pa.fixed_shape_tensor(pa.int32(), [2])
TENSOR_METADATA = {
    "ARROW:extension:metadata": '{"shape":[2]}',
    "ARROW:extension:name": "arrow.fixed_shape_tensor",
}

TEXTS = [
    (pa.null(), "null"),
    (pa.bool_(), "bool"),
    (pa.uint8(), "uint8"),
    (pa.int64(), "int64"),
    (pa.float16(), "halffloat"),
    (pa.float32(), "float"),
    (pa.float64(), "double"),
    (pa.large_string(), "large_string"),
    (pa.binary_view(), "binary_view"),
    (pa.date32(), "date32[day]"),
    (pa.date64(), "date64[ms]"),
    (pa.month_day_nano_interval(), "month_day_nano_interval"),
    (pa.time32("ms"), "time32[ms]"),
    (pa.time64("ns"), "time64[ns]"),
    (pa.duration("s"), "duration[s]"),
    (pa.timestamp("us"), "timestamp[us]"),
    (pa.timestamp("ns", "+02:00"), "timestamp[ns, tz=+02:00]"),
    (pa.timestamp("ms", "America/Port-au-Prince"), "timestamp[ms, tz=America/Port-au-Prince]"),
    (pa.timestamp("s", "a]b"), 'timestamp[s, tz="a]b"]'),
    (pa.decimal128(10, 2), "decimal128(10, 2)"),
    (pa.decimal256(70, -3), "decimal256(70, -3)"),
    (pa.binary(4), "fixed_size_binary[4]"),
    (pa.list_(pa.int64()), "list<item: int64>"),
    (pa.large_list(pa.field("x", pa.string(), nullable=False)), "large_list<x: string not null>"),
    (pa.list_view(pa.int8()), "list_view<item: int8>"),
    (pa.large_list_view(pa.int8()), "large_list_view<item: int8>"),
    (pa.list_(pa.int32(), 3), "fixed_size_list<item: int32>[3]"),
    (pa.struct([]), "struct<>"),
    (
        pa.struct([("a", pa.int64()), pa.field("b", pa.string(), nullable=False)]),
        "struct<a: int64, b: string not null>",
    ),
    (
        pa.struct([("a: b, c>", pa.null()), ("", pa.null()), ('q"é', pa.null())]),
        r'struct<"a: b, c>": null, "": null, "q\"é": null>',
    ),
    (
        pa.struct([pa.field("a", pa.int8(), nullable=False, metadata={"z": "}", "b": "é"})]),
        'struct<a: int8 not null {"b": "é", "z": "}"}>',
    ),
    (pa.map_(pa.int64(), pa.string()), "map<key: int64 not null, value: string>"),
    (
        pa.map_(pa.string(), pa.field("v", pa.int8(), nullable=False), keys_sorted=True),
        "map<key: string not null, v: int8 not null, keys_sorted>",
    ),
    (
        pa.dictionary(pa.int8(), pa.string(), ordered=True),
        "dictionary<values=string, indices=int8, ordered=1>",
    ),
    (
        pa.run_end_encoded(pa.int32(), pa.list_(pa.int8())),
        "run_end_encoded<run_ends: int32, values: list<item: int8>>",
    ),
    (
        pa.sparse_union([pa.field("n", pa.int64()), pa.field("w", pa.string())], [5, 0]),
        "sparse_union<n: int64=5, w: string=0>",
    ),
    (
        pa.dense_union([pa.field("n", pa.int64(), nullable=False)]),
        "dense_union<n: int64 not null=0>",
    ),
]


@pytest.mark.parametrize(("type_", "text"), TEXTS, ids=[text for _, text in TEXTS])
def test_texts(type_: Any, text: str) -> None:
    assert render(type_) == text
    assert parse(text).equals(type_, check_metadata=True)


def test_an_extension_type_is_its_storage_type_with_metadata() -> None:
    """It is the same record if pyarrow does not know the extension."""
    storage = pa.list_(pa.int32(), 2)
    for field in (
        pa.field("t", TENSOR, nullable=False, metadata={"unit": "m"}),
        pa.field("t", storage, nullable=False, metadata={**TENSOR_METADATA, "unit": "m"}),
    ):
        assert field_record(field) == {
            "name": "t",
            "type": "fixed_size_list<item: int32>[2]",
            "nullable": False,
            "metadata": {**TENSOR_METADATA, "unit": "m"},
        }
    metadata = (
        r'{"ARROW:extension:metadata": "{\"shape\":[2]}", '
        '"ARROW:extension:name": "arrow.fixed_shape_tensor"}'
    )
    text = f"list<item: fixed_size_list<item: int32>[2] {metadata}>"
    assert render(pa.list_(TENSOR)) == text
    assert render(parse(text)) == text


def test_a_field_without_more_has_a_name_and_a_type() -> None:
    assert field_record(pa.field("a", pa.int8())) == {"name": "a", "type": "int8"}


def test_what_has_no_text() -> None:
    with pytest.raises(MalformedSchema, match="not the type of a field"):
        render(TENSOR)
    with pytest.raises(MalformedSchema, match="not UTF-8"):
        field_record(pa.field("a", pa.int8(), metadata={b"\xff": b""}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a type at character 0, found the end"),
        ("int65", "expected a type at character 0, found 'int65'"),
        ("int64 ", "expected the end at character 5, found ' '"),
        ("list<int64>", "expected ': ' at character 10, found '>'"),
        ("list<item:int64>", "expected ': ' at character 9, found ':int64>'"),
        ("timestamp[xs]", "expected one of s, ms, us, ns at character 10, found 'xs]'"),
        ("time32[us]", "expected one of s, ms at character 7, found 'us]'"),
        ('timestamp[s, tz="UTC"]', "expected UTC without quotes before this place"),
        ('struct<"a": int8>', "expected a without quotes before this place"),
        ('struct<"a: int8>', "expected JSON at character 7"),
        ("struct<a: int8,b: int8>", "expected ', ' at character 14"),
        ('struct<a: int8 {"x":"y"}>', r'expected the JSON {"x": "y"} at character 15'),
        ('struct<a: int8 {"x": 3}>', "expected metadata of strings, sorted, at character 15"),
        ('struct<a: int8 {"b": "", "a": ""}>', "expected metadata of strings, sorted, at"),
        ("decimal128(99, 2)", "precision should be between 1 and 38"),
        ("decimal128(010, 2)", "expected ', ' at character 12"),
        ("map<key: int8, value: int8>", "Map key field should be non-nullable"),
        ("map<key: int8 not null>", "expected ', ' at character 22"),
        ("dictionary<values=string, indices=int8, ordered=2>", "expected one of 0, 1"),
        ("dictionary<values=string, indices=string, ordered=0>", "string"),
    ],
)
def test_texts_that_are_no_type(text: str, message: str) -> None:
    with pytest.raises(TypeNotationError, match=re.escape(message)):
        parse(text)


def types_of(type_: Any) -> Iterator[Any]:
    yield type_
    for number in range(type_.num_fields):
        yield from types_of(type_.field(number).type)


def of_the_catalogue() -> Iterator[Any]:
    yield from TYPES.values()
    every: list[Entry | Query] = [*ENTRIES.values(), *SHAPES.values(), *UNANSWERED.values()]
    for entry in [*every, *QUERIES.values()]:
        yield from (field.type for field in entry.schema)
        for udf in entry.udfs:
            for field in (*udf.inputs, udf.returns, *udf.state):
                yield field.type if isinstance(field, pa.Field) else field


def test_every_type_of_the_catalogue_is_read_back() -> None:
    found = {str(one): one for type_ in of_the_catalogue() for one in types_of(type_)}
    assert len(found) > 50
    for type_ in found.values():
        storage = getattr(type_, "storage_type", type_)
        text = render(storage)
        assert parse(text).equals(storage, check_metadata=True), text
        assert render(parse(text)) == text


def test_the_grammar_of_the_readme_has_every_plain_type() -> None:
    text = (ROOT / "golden" / "README.md").read_text(encoding="utf-8")
    (grammar,) = re.findall(r"```ebnf\n(.*?)```", text, flags=re.DOTALL)
    assert set(re.findall(r'"([^"]+)"', grammar)) >= set(PLAIN)
