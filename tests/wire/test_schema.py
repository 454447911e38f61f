from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire import Definition, MalformedSchema, find, read_schema, schema_lines

from .samples import REAL, attempt, damaged

pa = pytest.importorskip("pyarrow")


def stream(schema: Any, *batches: Any) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return bytes(sink.getvalue().to_pybytes())


SCHEMA = pa.schema(
    [
        pa.field("a", pa.int64()),
        pa.field("b", pa.list_(pa.string()), nullable=False, metadata={"z": "1", "a": "\xff\n"}),
    ],
    metadata={"about": "all"},
)


def test_a_schema_is_read_back() -> None:
    assert read_schema(stream(SCHEMA)).equals(SCHEMA, check_metadata=True)


def test_a_field_is_a_line() -> None:
    assert schema_lines(SCHEMA) == [
        "a: int64 null",
        "b: list<item: string> not null {'a'='ÿ\\n', 'z'='1'}",
        "schema {'about'='all'}",
    ]


def test_a_name_with_a_line_end_stays_on_its_line() -> None:
    assert schema_lines(pa.schema([("a\nb", pa.null())])) == ["a\\nb: null null"]


def test_the_engine_writes_schemas_of_this_kind() -> None:
    (found,) = find(REAL["aggregate-expr"])
    definition = Definition.read(found.frame())
    assert schema_lines(read_schema(definition.input_schema)) == ["arg_0: int64 null"]
    assert len(read_schema(definition.return_schema)) == 1
    assert definition.state_schema is not None
    assert schema_lines(read_schema(definition.state_schema)) == ["state_0: int64 null"]


def test_a_batch_has_no_place() -> None:
    batch = pa.record_batch({"a": pa.array([1])})
    with pytest.raises(MalformedSchema, match="follow the schema"):
        read_schema(stream(batch.schema, batch))


def test_trailing_bytes_are_counted() -> None:
    with pytest.raises(MalformedSchema, match="3 bytes follow its end"):
        read_schema(stream(SCHEMA) + b"abc")


def test_a_stream_may_have_no_end_marker() -> None:
    assert read_schema(stream(SCHEMA)[:-8]).equals(SCHEMA, check_metadata=True)


def test_a_stream_of_arrow_before_0_15_is_read() -> None:
    sink = pa.BufferOutputStream()
    pa.ipc.new_stream(sink, SCHEMA, options=pa.ipc.IpcWriteOptions(use_legacy_format=True)).close()
    data = sink.getvalue().to_pybytes()
    assert data[:4] != b"\xff\xff\xff\xff"
    assert read_schema(data).equals(SCHEMA, check_metadata=True)
    with pytest.raises(MalformedSchema, match="1 bytes follow the schema"):
        read_schema(data[:-3])


@pytest.mark.parametrize("name", ["", "first", "half", "end"])
def test_a_truncated_stream_is_reported(name: str) -> None:
    data = stream(SCHEMA)
    cut = {"": 0, "first": 3, "half": len(data) // 2, "end": len(data) - 1}
    with pytest.raises(MalformedSchema):
        read_schema(data[: cut[name]])


def test_a_name_must_be_utf8() -> None:
    with pytest.raises(MalformedSchema, match=r"xfffield' in it is not UTF-8"):
        read_schema(
            stream(pa.schema([("_field", pa.null())])).replace(b"_field", b"\xff" + b"field")
        )


@given(st.binary() | damaged(stream(SCHEMA)))
def test_any_bytes_are_a_schema_or_a_wire_error(data: bytes) -> None:
    schema = attempt(read_schema, data)
    if schema is not None:
        attempt(schema_lines, schema)
