"""The payload: its tuple and the schemas in it, read without unpickling."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from conformance.catalogue.nodes import Family, TypeOrField, Udf
from conformance.catalogue.source import MODULE
from conformance.runner.assertions import (
    assert_control,
    assert_equal,
    assert_result,
    assert_succeeds,
    assert_true,
)
from conformance.subjects.interface import Subject
from conformance.suite.helpers import handmade_frames
from conformance.suite.helpers.codec import MAGIC, encode_all_entries, frame_of
from conformance.suite.helpers.markers import clause, each_family
from conformance.suite.helpers.same_name_udfs import assert_times_seven, call_of, times
from conformance.suite.helpers.samples import once
from conformance.wire import Definition, Frame, Payload, read_schema
from conformance.wire.definition import VOLATILITIES
from conformance.wire.payload import Item, is_callable


@once
def _payloads(subject: Subject, family: Family) -> tuple[tuple[str, Udf, Frame, Payload], ...]:
    """Return every payload of ``family`` in the catalogue, parsed but not run, with its UDF."""
    payloads = []
    for entry, _, frames in encode_all_entries(subject):
        udfs = {udf.name: udf for udf in entry.udfs if udf.family == family}
        for found in frames:
            if found.data.startswith(MAGIC[family]):
                # Find the UDF by the name in the call, because the payload is under test.
                udf, frame = udfs[found.name or ""], found.frame()
                what = f"{udf.name} of {entry.id}"
                payloads.append((what, udf, frame, Payload.read(frame.payload)))
    assert_control(bool(payloads), f"no {family} UDF in the catalogue's bytes")
    return tuple(payloads)


def _definitions_of(subject: Subject, family: Family) -> Iterator[tuple[str, Udf, Definition]]:
    for what, udf, frame, payload in _payloads(subject, family):
        yield what, udf, Definition.of(frame.family, payload)


def _read_field(declared: TypeOrField) -> pa.Field:
    """Return the declared field as pyarrow reads it; its metadata may make an extension type."""
    field = declared if isinstance(declared, pa.Field) else pa.field("", declared)
    return read_schema(handmade_frames.encode_schema(field)).field(0)


def _read_type(declared: TypeOrField) -> pa.DataType:
    return _read_field(declared).type


def _describe_member(item: Item) -> str:
    if isinstance(item, bytes):
        return f"schema of {len(read_schema(item))}"
    if isinstance(item, str):
        return "volatility" if item in VOLATILITIES else "text"
    return "callable" if is_callable(item) else item.kind


def _assert_shape(subject: Subject, family: Family, *last: str) -> None:
    for what, udf, _, payload in _payloads(subject, family):
        name = "volatility" if udf.name in VOLATILITIES else "text"
        expected = [name, "callable", f"schema of {len(udf.inputs)}", "schema of 1", *last]
        expected = [member.format(state=len(udf.state)) for member in expected]
        assert_equal([_describe_member(item) for item in payload.items], expected, what)


@clause("PAYLOAD-01")
def test_scalar_tuple(subject: Subject) -> None:
    """A scalar payload holds name, callable, input schema, return schema and volatility."""
    _assert_shape(subject, "scalar", "volatility")


@clause("PAYLOAD-02")
def test_aggregate_tuple(subject: Subject) -> None:
    """An aggregate payload holds name, factory, input, return and state schema and volatility."""
    _assert_shape(subject, "aggregate", "schema of {state}", "volatility")


@clause("PAYLOAD-03")
def test_window_tuple(subject: Subject) -> None:
    """A window payload holds name, factory, input schema, return schema and volatility."""
    _assert_shape(subject, "window", "volatility")


def _unpickle_callable(subject: Subject, family: Family) -> Any:
    """Return the callable in a payload, unpickled without the engine."""
    data = subject.to_bytes(call_of(subject, times(family, 7)))
    return pickle.loads(frame_of(data).payload)[1]


VALUES = pa.array([1, 2, 3])


@clause("PAYLOAD-01")
def test_scalar_callable(subject: Subject) -> None:
    """A plain unpickler reads a scalar payload. The callable maps an array to an array."""
    multiply = assert_succeeds(lambda: _unpickle_callable(subject, "scalar"), "another reader")
    seen = assert_succeeds(lambda: multiply(VALUES), "a call with an array")
    assert_result(seen, pa.array([7, 14, 21]), "the result of the callable")


@clause("PAYLOAD-02")
def test_accumulator_factory(subject: Subject) -> None:
    """A plain unpickler reads an aggregate payload.

    Each call of the factory returns a new accumulator.
    """
    factory = assert_succeeds(lambda: _unpickle_callable(subject, "aggregate"), "another reader")
    for _ in range(2):
        accumulator = assert_succeeds(factory, "a call without arguments")
        accumulator.update(VALUES)
        assert_result(accumulator.evaluate(), 42, "the result of the accumulator")


@clause("PAYLOAD-03")
def test_evaluator_factory(subject: Subject) -> None:
    """A plain unpickler reads a window payload.

    Each call of the factory returns a new evaluator.
    """
    factory = assert_succeeds(lambda: _unpickle_callable(subject, "window"), "another reader")
    first, second = (assert_succeeds(factory, "a call without arguments") for _ in range(2))
    assert_true(first is not second, "the factory returned the same evaluator twice")
    assert_result(first.evaluate_all([VALUES], 3), pa.array([7, 14, 21]), "the values")


@clause("PAYLOAD-04")
@each_family
def test_name(subject: Subject, family: Family) -> None:
    """The subject encodes the catalogue. Each payload has the declared name of its UDF."""
    for what, udf, _, payload in _payloads(subject, family):
        assert_equal(payload.items[:1], (udf.name,), what)


@clause("PAYLOAD-05")
@each_family
def test_schemas_hold_no_batch(subject: Subject, family: Family) -> None:
    """The subject encodes the catalogue.

    Each schema is an IPC stream with a schema message and nothing else.
    """
    for what, _, definition in _definitions_of(subject, family):
        for schema in (definition.input_schema, definition.return_schema, definition.state_schema):
            if schema is not None:
                assert_succeeds(partial(read_schema, schema), what)


@clause("PAYLOAD-06")
@each_family
def test_input_names(subject: Subject, family: Family) -> None:
    """The subject encodes the catalogue. The input fields are named arg_0, arg_1 and so on."""
    for what, udf, definition in _definitions_of(subject, family):
        expected = [f"arg_{i}" for i in range(len(udf.inputs))]
        assert_equal(read_schema(definition.input_schema).names, expected, what)


@clause("PAYLOAD-07")
@each_family
def test_inputs_are_nullable(subject: Subject, family: Family) -> None:
    """The subject encodes the catalogue.

    Every input field is nullable, also if it was declared otherwise.
    """
    for what, udf, definition in _definitions_of(subject, family):
        nullable = [field.nullable for field in read_schema(definition.input_schema)]
        assert_equal(nullable, [True] * len(udf.inputs), what)


@clause("PAYLOAD-08")
@each_family
def test_input_types(subject: Subject, family: Family) -> None:
    """The subject encodes the catalogue. The input fields have the declared types."""
    for what, udf, definition in _definitions_of(subject, family):
        types = [field.type for field in read_schema(definition.input_schema)]
        # Input fields drop their metadata, and with it an extension type.
        plain = [d.type if isinstance(d, pa.Field) else d for d in udf.inputs]
        assert_equal(types, plain, what)


@clause("PAYLOAD-09")
@each_family
def test_return_field(subject: Subject, family: Family) -> None:
    """The subject encodes the catalogue. Each return schema has one field of the declared type."""
    for what, udf, definition in _definitions_of(subject, family):
        types = [field.type for field in read_schema(definition.return_schema)]
        assert_equal(types, [_read_type(udf.returns)], what)


@clause("PAYLOAD-10")
def test_return_nullability(subject: Subject) -> None:
    """The subject encodes the catalogue. Each scalar return field has the declared nullability."""
    for what, udf, definition in _definitions_of(subject, "scalar"):
        written = read_schema(definition.return_schema).field(0)
        assert_equal(written.nullable, _read_field(udf.returns).nullable, what)


@clause("PAYLOAD-11")
def test_return_metadata(subject: Subject) -> None:
    """The subject encodes the catalogue. Each scalar return field has the declared metadata."""
    for what, udf, definition in _definitions_of(subject, "scalar"):
        written = read_schema(definition.return_schema).field(0)
        assert_equal(written.metadata, _read_field(udf.returns).metadata, what)


@clause("PAYLOAD-12")
def test_state_types(subject: Subject) -> None:
    """The subject encodes the catalogue. The state fields have the declared types."""
    for what, udf, definition in _definitions_of(subject, "aggregate"):
        assert definition.state_schema is not None
        types = [field.type for field in read_schema(definition.state_schema)]
        assert_equal(types, [_read_type(declared) for declared in udf.state], what)


@clause("PAYLOAD-13")
def test_state_names(subject: Subject) -> None:
    """State is declared by types only. Its fields are named state_0, state_1 and so on."""
    for what, udf, definition in _definitions_of(subject, "aggregate"):
        assert definition.state_schema is not None
        if not any(isinstance(declared, pa.Field) for declared in udf.state):
            expected = [f"state_{i}" for i in range(len(udf.state))]
            assert_equal(read_schema(definition.state_schema).names, expected, what)


FIELDS = {
    "names": pa.field("own name", pa.int64()),
    "not-null": pa.field("state_0", pa.int64(), nullable=False),
    "metadata": pa.field("state_0", pa.int64(), metadata={"k": "v", "ARROW:x": "y"}),
    "all": pa.field("zählen", pa.int64(), nullable=False, metadata={"": "empty key"}),
}


each_field = pytest.mark.parametrize("field", list(FIELDS))


def _assert_same_field(seen: pa.Field, expected: pa.Field) -> None:
    assert_equal(
        (seen.name, seen.type, seen.nullable, seen.metadata),
        (expected.name, expected.type, expected.nullable, expected.metadata),
        "the field after decoding and encoding again",
    )


@clause("PAYLOAD-14")
@each_field
def test_state_field_survives(subject: Subject, field: str) -> None:
    """Another writer declared the state fields.

    Decoding and encoding keep them, first or second.
    """
    first, second = FIELDS[field], FIELDS[field].with_name("second")
    content = handmade_frames.payload_members(
        "aggregate", state=handmade_frames.encode_schema(first, second)
    )
    definition = handmade_frames.reencode(
        subject, handmade_frames.make_expression(subject, "aggregate", content)
    )
    assert definition.state_schema is not None
    state = read_schema(definition.state_schema)
    assert_equal(len(state), 2, "the number of state fields")
    _assert_same_field(state.field(0), first)
    _assert_same_field(state.field(1), second)


@clause("PAYLOAD-15")
@each_field
def test_return_field_survives(subject: Subject, field: str) -> None:
    """Another writer declared a scalar return field. Decoding and encoding keep it."""
    content = handmade_frames.payload_members(
        "scalar", returns=handmade_frames.encode_schema(FIELDS[field])
    )
    definition = handmade_frames.reencode(
        subject, handmade_frames.make_expression(subject, "scalar", content)
    )
    _assert_same_field(read_schema(definition.return_schema).field(0), FIELDS[field])


@clause("PAYLOAD-16")
@each_field
@each_family
def test_only_input_types_count(subject: Subject, family: Family, field: str) -> None:
    """Another writer declared an input field with a name, nullability or metadata.

    The UDF runs, and encoding again writes a plain field: what was declared is lost.
    """
    content = handmade_frames.payload_members(
        family, inputs=handmade_frames.encode_schema(FIELDS[field])
    )
    data = handmade_frames.make_expression(subject, family, content)
    assert_times_seven(subject, family, data, "other input fields")
    again = read_schema(handmade_frames.reencode(subject, data).input_schema).field(0)
    seen = (again.name, again.type, again.nullable)
    assert_equal(seen, ("arg_0", pa.int64(), True), "the field after decoding and encoding again")
    kept = {*(again.metadata or {})} & {*(FIELDS[field].metadata or {})}
    assert_equal(kept, set(), "the keys of the metadata that came back")


@clause("PAYLOAD-17")
@pytest.mark.parametrize("volatility", ["immutable", "stable", "volatile"])
@each_family
def test_volatility(subject: Subject, family: Family, volatility: str) -> None:
    """A UDF is encoded, and four times decoded and encoded again.

    The payload has the declared volatility each time.
    """
    udf = Udf(**(times(family, 2).__dict__ | {"volatility": volatility}))
    data = subject.to_bytes(call_of(subject, udf))
    for trips in range(5):
        seen = Definition.read(frame_of(data)).volatility
        assert_equal(seen, volatility, f"the volatility after {trips} decodes")
        data = subject.to_bytes(subject.from_bytes(data))


@clause("PAYLOAD-19")
@each_family
def test_by_value(subject: Subject, family: Family) -> None:
    """The subject encodes the catalogue.

    No payload imports the sources' module, which does not exist.
    """
    for what, _, _, payload in _payloads(subject, family):
        named = [name for name in payload.globals if name.startswith(MODULE)]
        assert_equal(named, [], what)
