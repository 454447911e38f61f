"""The payload: the tuple, the schemas in it, and the callable, which is not run to be read."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any
from unittest import mock

import pyarrow as pa
import pytest

from conformance import wire
from conformance.catalogue.nodes import Family, TypeOrField, Udf
from conformance.catalogue.source import MODULE
from conformance.runner.assertions import (
    assert_control,
    assert_equal,
    assert_error_kind,
    assert_message_contains,
    assert_raises,
    assert_result,
    assert_succeeds,
    assert_true,
)
from conformance.subjects.interface import Subject
from conformance.suite.helpers import callables, handmade_frames
from conformance.suite.helpers.callables import CALLABLES
from conformance.suite.helpers.same_name_udfs import RESULTS, call_of, evaluated, times
from conformance.suite.helpers.tools import (
    MAGIC,
    SAMPLES,
    clause,
    each_family,
    frame_of,
    once,
    sample,
    strict,
    written,
)
from conformance.wire import Definition, Frame, Payload, read_schema
from conformance.wire.definition import VOLATILITIES
from conformance.wire.payload import Item, is_callable


@once
def _payloads(subject: Subject, family: Family) -> tuple[tuple[str, Udf, Frame, Payload], ...]:
    """Every frame of ``family`` as the subject writes it, read and not run, with its UDF."""
    payloads = []
    for entry, _, frames in written(subject):
        udfs = {udf.name: udf for udf in entry.udfs if udf.family == family}
        for found in frames:
            if found.data.startswith(MAGIC[family]):
                # The call says which UDF it is: the payload is what is judged.
                udf, frame = udfs[found.name or ""], found.frame()
                what = f"{udf.name} of {entry.id}"
                payloads.append((what, udf, frame, Payload.read(frame.payload)))
    assert_control(bool(payloads), f"no {family} UDF in the catalogue's bytes")
    return tuple(payloads)


def _of(subject: Subject, family: Family) -> Iterator[tuple[str, Udf, Definition]]:
    for what, udf, frame, payload in _payloads(subject, family):
        yield what, udf, Definition.of(frame.family, payload)


def _field(declared: TypeOrField) -> pa.Field:
    """The declared field as pyarrow reads it: one with an extension's metadata has its type."""
    field = declared if isinstance(declared, pa.Field) else pa.field("", declared)
    return read_schema(handmade_frames.ipc(field)).field(0)


def _type(declared: TypeOrField) -> pa.DataType:
    return _field(declared).type


def _member(item: Item) -> str:
    if isinstance(item, bytes):
        return f"schema of {len(read_schema(item))}"
    if isinstance(item, str):
        return "volatility" if item in VOLATILITIES else "text"
    return "callable" if is_callable(item) else item.kind


def _check_shape(subject: Subject, family: Family, *last: str) -> None:
    for what, udf, _, payload in _payloads(subject, family):
        name = "volatility" if udf.name in VOLATILITIES else "text"
        expected = [name, "callable", f"schema of {len(udf.inputs)}", "schema of 1", *last]
        expected = [member.format(state=len(udf.state)) for member in expected]
        assert_equal([_member(item) for item in payload.items], expected, what)


@clause("PAYLOAD-01")
def test_scalar_tuple(subject: Subject) -> None:
    """A scalar payload: name, callable, schemas of the inputs and of one result, volatility."""
    _check_shape(subject, "scalar", "volatility")


@clause("PAYLOAD-02")
def test_aggregate_tuple(subject: Subject) -> None:
    """An aggregate payload has the schema of the state between the result's and the volatility."""
    _check_shape(subject, "aggregate", "schema of {state}", "volatility")


@clause("PAYLOAD-03")
def test_window_tuple(subject: Subject) -> None:
    """A window payload: name, factory, schemas of the inputs and of one result, volatility."""
    _check_shape(subject, "window", "volatility")


def _callable(subject: Subject, family: Family) -> Any:
    """The callable in a payload, as any reader gets it."""
    data = subject.to_bytes(call_of(subject, times(family, 7)))
    return pickle.loads(frame_of(data).payload)[1]


VALUES = pa.array([1, 2, 3])


@clause("PAYLOAD-01")
def test_scalar_callable(subject: Subject) -> None:
    """The callable takes arrays and gives one, and needs nothing of the sender's for it."""
    multiply = assert_succeeds(lambda: _callable(subject, "scalar"), "another reader")
    seen = assert_succeeds(lambda: multiply(VALUES), "a call with an array")
    assert_result(seen, pa.array([7, 14, 21]), "what the callable gives")


@clause("PAYLOAD-02")
def test_accumulator_factory(subject: Subject) -> None:
    """The factory gives a fresh accumulator a call."""
    factory = assert_succeeds(lambda: _callable(subject, "aggregate"), "another reader")
    for _ in range(2):
        accumulator = assert_succeeds(factory, "a call without arguments")
        accumulator.update(VALUES)
        assert_result(accumulator.evaluate(), 42, "what the accumulator gives")


@clause("PAYLOAD-03")
def test_evaluator_factory(subject: Subject) -> None:
    """The factory gives a fresh evaluator a call."""
    factory = assert_succeeds(lambda: _callable(subject, "window"), "another reader")
    first, second = (assert_succeeds(factory, "a call without arguments") for _ in range(2))
    assert_true(first is not second, "one evaluator for all calls")
    assert_result(first.evaluate_all([VALUES], 3), pa.array([7, 14, 21]), "the values")


@clause("PAYLOAD-04")
@each_family
def test_name(subject: Subject, family: Family) -> None:
    """The name in a payload is the one that its UDF is declared with."""
    for what, udf, _, payload in _payloads(subject, family):
        assert_equal(payload.items[:1], (udf.name,), what)


@clause("PAYLOAD-05")
@each_family
def test_schemas_hold_no_batch(subject: Subject, family: Family) -> None:
    """Each schema reads as a stream that holds a schema message and nothing else."""
    for what, _, definition in _of(subject, family):
        for schema in (definition.input_schema, definition.return_schema, definition.state_schema):
            if schema is not None:
                assert_succeeds(partial(read_schema, schema), what)


@clause("PAYLOAD-06")
@each_family
def test_input_names(subject: Subject, family: Family) -> None:
    """The input fields are arg_0, arg_1 and so on."""
    for what, udf, definition in _of(subject, family):
        expected = [f"arg_{i}" for i in range(len(udf.inputs))]
        assert_equal(read_schema(definition.input_schema).names, expected, what)


@clause("PAYLOAD-07")
@each_family
def test_inputs_are_nullable(subject: Subject, family: Family) -> None:
    """Every input field is nullable, whatever was declared."""
    for what, udf, definition in _of(subject, family):
        nullable = [field.nullable for field in read_schema(definition.input_schema)]
        assert_equal(nullable, [True] * len(udf.inputs), what)


@clause("PAYLOAD-08")
@each_family
def test_input_types(subject: Subject, family: Family) -> None:
    """The input fields have the declared types."""
    for what, udf, definition in _of(subject, family):
        types = [field.type for field in read_schema(definition.input_schema)]
        # An extension is a field's metadata, which an input field does not keep.
        plain = [d.type if isinstance(d, pa.Field) else d for d in udf.inputs]
        assert_equal(types, plain, what)


@clause("PAYLOAD-09")
@each_family
def test_return_field(subject: Subject, family: Family) -> None:
    """The return schema has one field, of the declared type."""
    for what, udf, definition in _of(subject, family):
        types = [field.type for field in read_schema(definition.return_schema)]
        assert_equal(types, [_type(udf.returns)], what)


@clause("PAYLOAD-10")
def test_return_nullability(subject: Subject) -> None:
    """A scalar return field is nullable where it was declared so, or declared by its type."""
    for what, udf, definition in _of(subject, "scalar"):
        written = read_schema(definition.return_schema).field(0)
        assert_equal(written.nullable, _field(udf.returns).nullable, what)


@clause("PAYLOAD-11")
def test_return_metadata(subject: Subject) -> None:
    """A scalar return field has the metadata that it was declared with."""
    for what, udf, definition in _of(subject, "scalar"):
        written = read_schema(definition.return_schema).field(0)
        assert_equal(written.metadata, _field(udf.returns).metadata, what)


@clause("PAYLOAD-12")
def test_state_types(subject: Subject) -> None:
    """The state fields have the declared types."""
    for what, udf, definition in _of(subject, "aggregate"):
        assert definition.state_schema is not None
        types = [field.type for field in read_schema(definition.state_schema)]
        assert_equal(types, [_type(declared) for declared in udf.state], what)


@clause("PAYLOAD-13")
def test_state_names(subject: Subject) -> None:
    """State declared by types alone gets the names state_0, state_1 and so on."""
    for what, udf, definition in _of(subject, "aggregate"):
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


def _same_field(seen: pa.Field, expected: pa.Field) -> None:
    assert_equal(
        (seen.name, seen.type, seen.nullable, seen.metadata),
        (expected.name, expected.type, expected.nullable, expected.metadata),
        "the field after decoding and encoding again",
    )


@clause("PAYLOAD-14")
@each_field
def test_state_field_survives(subject: Subject, field: str) -> None:
    """A state field that another writer named comes out as it went in, first or second."""
    first, second = FIELDS[field], FIELDS[field].with_name("second")
    content = handmade_frames.members("aggregate", state=handmade_frames.ipc(first, second))
    definition = handmade_frames.again(
        subject, handmade_frames.expression(subject, "aggregate", content)
    )
    assert definition.state_schema is not None
    state = read_schema(definition.state_schema)
    assert_equal(len(state), 2, "the number of state fields")
    _same_field(state.field(0), first)
    _same_field(state.field(1), second)


@clause("PAYLOAD-15")
@each_field
def test_return_field_survives(subject: Subject, field: str) -> None:
    """A scalar return field that another writer named comes out as it went in."""
    content = handmade_frames.members("scalar", returns=handmade_frames.ipc(FIELDS[field]))
    definition = handmade_frames.again(
        subject, handmade_frames.expression(subject, "scalar", content)
    )
    _same_field(read_schema(definition.return_schema).field(0), FIELDS[field])


def _gives_seven_times(subject: Subject, family: Family, data: bytes, what: str) -> None:
    expr = assert_succeeds(lambda: subject.from_bytes(data), what)
    assert_result(evaluated(subject, family, expr), RESULTS[family], what)


@clause("PAYLOAD-16")
@each_field
@each_family
def test_only_input_types_count(subject: Subject, family: Family, field: str) -> None:
    """Whatever name, nullability and metadata the input field has, the UDF is the same."""
    content = handmade_frames.members(family, inputs=handmade_frames.ipc(FIELDS[field]))
    data = handmade_frames.expression(subject, family, content)
    _gives_seven_times(subject, family, data, "other input fields")
    input_schema = read_schema(handmade_frames.again(subject, data).input_schema)
    _same_field(input_schema.field(0), pa.field("arg_0", pa.int64()))


@clause("PAYLOAD-17")
@pytest.mark.parametrize("volatility", ["immutable", "stable", "volatile"])
@each_family
def test_volatility(subject: Subject, family: Family, volatility: str) -> None:
    """The declared volatility is in the payload, and there after decoding as well."""
    udf = Udf(**(times(family, 2).__dict__ | {"volatility": volatility}))
    data = subject.to_bytes(call_of(subject, udf))
    assert_equal(Definition.read(frame_of(data)).volatility, volatility, "as written")
    assert_equal(handmade_frames.again(subject, data).volatility, volatility, "after decoding")


DOORS = r"open_|new_|read_|serialize|Message|RecordBatch(Stream|File)"
"""What pyarrow's functions and classes that write and read IPC begin with."""


@clause("PAYLOAD-18")
@each_family
def test_no_pyarrow_ipc(subject: Subject, family: Family) -> None:
    """Encoding and decoding work with every door to pyarrow's IPC walled up."""
    expr = sample(subject, family)
    doors = [name for name in dir(pa.ipc) if re.match(DOORS, name)]
    assert_control(len(doors) > 10, "pyarrow.ipc has other names now", doors)
    with ExitStack() as walls:
        for module in (pa.ipc, pa.lib, pa):
            for name in doors:
                if hasattr(module, name):
                    walls.enter_context(mock.patch.object(module, name, _walled_up))
        assert_succeeds(lambda: subject.from_bytes(subject.to_bytes(expr)), "without pyarrow.ipc")


@clause("PAYLOAD-18")
@each_family
def test_no_pyarrow_memory(subject: Subject, family: Family) -> None:
    """A frame takes none of pyarrow's memory: ``Schema.serialize`` cannot be walled up."""
    expr, by_name = sample(subject, family), strict(subject)
    inline = _allocated(lambda: subject.to_bytes(expr))
    bare = _allocated(lambda: subject.to_bytes(expr, by_name))
    assert_equal(inline, bare, "the most bytes of pyarrow's at a time, with and without a frame")


def _allocated(call: Callable[[], Any]) -> int:
    before = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(before)
    pa.set_memory_pool(pool)
    try:
        call()
    finally:
        pa.set_memory_pool(before)
    return int(pool.max_memory())


def _walled_up(*_: Any, **__: Any) -> Any:
    raise AssertionError("a pyarrow IPC function was called")


@clause("PAYLOAD-19")
@each_family
def test_by_value(subject: Subject, family: Family) -> None:
    """The module that the sources name, which there is not, is not imported."""
    for what, _, _, payload in _payloads(subject, family):
        named = [name for name in payload.globals if name.startswith(MODULE)]
        assert_equal(named, [], what)


@clause("PAYLOAD-20")
@each_family
def test_by_reference(subject: Subject, family: Family) -> None:
    """A callable of an importable module is imported by module and name, and runs."""
    content = handmade_frames.members(family)
    data = subject.to_bytes(
        subject.from_bytes(handmade_frames.expression(subject, family, content))
    )
    imports = Payload.read(frame_of(data).payload).globals
    callable_ = CALLABLES[family]
    expected = f"{callable_.__module__}.{callable_.__qualname__}"
    assert_equal(imports, (expected,), "what the payload imports")
    _gives_seven_times(subject, family, data, "a callable by reference")


@clause("PAYLOAD-21")
def test_modules_by_reference(subject: Subject) -> None:
    """A module that the callable uses is imported by its name; the payload stays small."""
    source = (
        "import decimal, pyarrow.compute as pc\nf = lambda a: (decimal, pc.multiply(a, 7))[1]\n"
    )
    udf = Udf(**(times("scalar", 7).__dict__ | {"source": source, "id": "payload/module"}))
    frame = frame_of(subject.to_bytes(call_of(subject, udf)))
    assert_true(
        b"decimal" in frame.payload, "the module is not named", frame.payload, kind="wrong-bytes"
    )
    assert_true(
        b"quantize" not in frame.payload,
        "the module's content travels",
        frame.payload,
        kind="wrong-bytes",
    )


@clause("PAYLOAD-22")
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@each_family
def test_any_pickler(subject: Subject, family: Family, protocol: int) -> None:
    """A frame whose tuple another pickler wrote, by any protocol, decodes and runs."""
    payload = pickle.dumps(handmade_frames.members(family), protocol)
    data = handmade_frames.expression(subject, family, payload)
    _gives_seven_times(subject, family, data, f"protocol {protocol}")


def _refused(subject: Subject, data: bytes, what: str) -> None:
    """Decoding ``data`` must be an error of the kind of all malformed payloads."""
    error = assert_raises(partial(subject.from_bytes, data), what)
    assert_error_kind(subject, error, "Execution", what)


@clause("PAYLOAD-23")
@each_family
def test_short_tuple(subject: Subject, family: Family) -> None:
    """A tuple that lacks its last members is an error."""
    whole = handmade_frames.members(family)
    for size in range(len(whole)):
        data = handmade_frames.expression(subject, family, whole[:size])
        _refused(subject, data, f"a tuple of {size}")


@clause("PAYLOAD-23")
@pytest.mark.parametrize("content", [None, 7, "text", b"bytes", [1, 2], {"name": "x"}], ids=repr)
@each_family
def test_no_tuple(subject: Subject, family: Family, content: Any) -> None:
    """A pickle of something else than a tuple is an error."""
    data = handmade_frames.expression(subject, family, pickle.dumps(content))
    _refused(subject, data, f"{content!r}")


@clause("PAYLOAD-23")
@each_family
def test_list(subject: Subject, family: Family) -> None:
    """The right members in a list are an error."""
    data = handmade_frames.expression(
        subject, family, pickle.dumps(list(handmade_frames.members(family)))
    )
    _refused(subject, data, "a list of the right members")


NO_SCHEMAS = [
    "text",
    None,
    7,
    b"",
    b"\xff\xff\xff\xff\x08\0\0\0no schema",
    handmade_frames.ONE_INT[:60],
]
WRONG: dict[str, list[Any]] = {
    "name": [b"bytes", None, 7],
    "inputs": NO_SCHEMAS,
    "returns": NO_SCHEMAS,
    "state": NO_SCHEMAS,
    "volatility": [b"immutable", None, 7],
}


@clause("PAYLOAD-29")
@pytest.mark.parametrize(
    ("family", "member"),
    [(f, m) for f in SAMPLES for m in WRONG if m != "state" or f == "aggregate"],
)
def test_wrong_member(subject: Subject, family: Family, member: str) -> None:
    """A member of the wrong type, or a schema that is none or not whole, is an error."""
    for value in WRONG[member]:
        content = handmade_frames.members(family, **{member: value})
        data = handmade_frames.expression(subject, family, content)
        _refused(subject, data, f"{member} {value!r:.40}")


@clause("PAYLOAD-30")
@pytest.mark.parametrize("value", [None, 7, "text"], ids=repr)
@each_family
def test_not_callable(subject: Subject, family: Family, value: Any) -> None:
    """What stands in the callable's place and cannot be called is an error."""
    content = handmade_frames.members(family, callable=value)
    data = handmade_frames.expression(subject, family, content)
    assert_raises(lambda: subject.from_bytes(data), f"{value!r} as the callable")


@clause("PAYLOAD-31")
@each_family
def test_payload_names_the_udf(subject: Subject, family: Family) -> None:
    """Where call and payload have different names, the payload's is the decoded UDF's."""
    data = handmade_frames.expression(
        subject, family, handmade_frames.members(family, name="named_inside")
    )
    assert_equal([found.name for found in wire.find(data)], ["times"], "the name of the call")
    assert_equal(
        handmade_frames.again(subject, data).name, "named_inside", "the name that is written again"
    )
    shown = subject.display(subject.from_bytes(data))
    assert_true("named_inside" in shown and "times" not in shown, "another name", shown)


@clause("PAYLOAD-32")
@each_family
def test_missing_module(subject: Subject, family: Family) -> None:
    """A callable of a module that the receiver lacks is an error that names the module."""
    here, gone = (f"{callables.__name__}{end}".encode() for end in ("", "_gone"))
    payload = pickle.dumps(handmade_frames.members(family), 0)
    data = handmade_frames.expression(subject, family, payload.replace(here, gone))
    error = assert_raises(lambda: subject.from_bytes(data), "a module that there is not")
    assert_message_contains(error, [gone.decode()], "a module that there is not")


@clause("PAYLOAD-24")
@each_family
def test_empty_return_schema(subject: Subject, family: Family) -> None:
    """A return schema without a field is an error."""
    content = handmade_frames.members(family, returns=handmade_frames.ipc())
    data = handmade_frames.expression(subject, family, content)
    _refused(subject, data, "a return schema without a field")


@clause("PAYLOAD-25")
@each_family
def test_two_return_fields(subject: Subject, family: Family) -> None:
    """A return schema with two fields is an error."""
    returns = handmade_frames.ipc(pa.field("a", pa.int64()), pa.field("b", pa.string()))
    data = handmade_frames.expression(
        subject, family, handmade_frames.members(family, returns=returns)
    )
    assert_raises(lambda: subject.from_bytes(data), "a return schema with two fields")


@clause("PAYLOAD-26")
@pytest.mark.parametrize("volatility", ["", "Immutable", "IMMUTABLE", "sometimes", "immutable "])
@each_family
def test_unknown_volatility(subject: Subject, family: Family, volatility: str) -> None:
    """A volatility that is none of the three is an error."""
    content = handmade_frames.members(family, volatility=volatility)
    data = handmade_frames.expression(subject, family, content)
    _refused(subject, data, f"volatility {volatility!r}")


@clause("PAYLOAD-27")
@each_family
def test_long_tuple(subject: Subject, family: Family) -> None:
    """A tuple with a member more than wire version 1 has is an error."""
    data = handmade_frames.expression(
        subject, family, (*handmade_frames.members(family), "one more")
    )
    assert_raises(lambda: subject.from_bytes(data), "a tuple with one member too many")


@clause("PAYLOAD-28")
@pytest.mark.parametrize(
    ("family", "member"),
    [*((f, m) for f in SAMPLES for m in ("inputs", "returns")), ("aggregate", "state")],
)
def test_schema_with_a_batch(subject: Subject, family: Family, member: str) -> None:
    """A stream that goes on with a batch is an error."""
    sink = pa.BufferOutputStream()
    batch = pa.RecordBatch.from_pydict({"arg_0": pa.array([1], pa.int64())})
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    content = handmade_frames.members(family, **{member: bytes(sink.getvalue())})
    data = handmade_frames.expression(subject, family, content)
    assert_raises(lambda: subject.from_bytes(data), f"a batch in {member}")
