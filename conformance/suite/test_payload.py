"""The payload: its tuple, the schemas in it and the callable, all read without unpickling."""

from __future__ import annotations

import pickle
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from importlib.machinery import ModuleSpec
from types import ModuleType
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
from conformance.suite.helpers.codec import MAGIC, encode_all_entries, frame_of
from conformance.suite.helpers.markers import clause, each_family
from conformance.suite.helpers.same_name_udfs import (
    RESULTS,
    call_of,
    evaluate_rows,
    function_holding,
    times,
)
from conformance.suite.helpers.samples import SAMPLES, once, sample, strict_session
from conformance.wire import Definition, Frame, Payload, read_schema
from conformance.wire.definition import VOLATILITIES
from conformance.wire.payload import WRITE_BYTES, Item, is_callable


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


def _assert_times_seven(subject: Subject, family: Family, data: bytes, what: str) -> None:
    expr = assert_succeeds(lambda: subject.from_bytes(data), what)
    assert_result(evaluate_rows(subject, family, expr), RESULTS[family], what)


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
    _assert_times_seven(subject, family, data, "other input fields")
    again = read_schema(handmade_frames.reencode(subject, data).input_schema).field(0)
    seen = (again.name, again.type, again.nullable)
    assert_equal(seen, ("arg_0", pa.int64(), True), "the field after decoding and encoding again")
    kept = {*(again.metadata or {})} & {*(FIELDS[field].metadata or {})}
    assert_equal(kept, set(), "the keys of the metadata that came back")


@clause("PAYLOAD-17")
@pytest.mark.parametrize("volatility", ["immutable", "stable", "volatile"])
@each_family
def test_volatility(subject: Subject, family: Family, volatility: str) -> None:
    """A UDF is encoded, decoded and encoded again.

    The payload has the declared volatility both times.
    """
    udf = Udf(**(times(family, 2).__dict__ | {"volatility": volatility}))
    data = subject.to_bytes(call_of(subject, udf))
    assert_equal(
        Definition.read(frame_of(data)).volatility, volatility, "the volatility in the payload"
    )
    assert_equal(
        handmade_frames.reencode(subject, data).volatility,
        volatility,
        "the volatility after decoding and encoding",
    )


IPC_NAMES = r"open_|new_|read_|serialize|Message|RecordBatch(Stream|File)"
"""Pattern for the names of pyarrow's functions and classes that write or read IPC."""


@clause("PAYLOAD-18")
@each_family
def test_no_pyarrow_ipc(subject: Subject, family: Family) -> None:
    """All IPC functions of pyarrow raise. Encoding and decoding still work."""
    expr = sample(subject, family)
    names = [name for name in dir(pa.ipc) if re.match(IPC_NAMES, name)]
    assert_control(len(names) > 10, "pyarrow.ipc has fewer matching names than expected", names)
    with ExitStack() as patches:
        for module in (pa.ipc, pa.lib, pa):
            for name in names:
                if hasattr(module, name):
                    patches.enter_context(mock.patch.object(module, name, _fail))
        assert_succeeds(lambda: subject.from_bytes(subject.to_bytes(expr)), "without pyarrow.ipc")


@clause("PAYLOAD-18")
@each_family
def test_no_pyarrow_memory(subject: Subject, family: Family) -> None:
    """A call is encoded inline and by name.

    The equal peaks of pyarrow's memory rule out ``Schema.serialize``, which cannot be patched.
    """
    expr, by_name = sample(subject, family), strict_session(subject)
    inline = _peak_memory(lambda: subject.to_bytes(expr))
    bare = _peak_memory(lambda: subject.to_bytes(expr, by_name))
    assert_equal(inline, bare, "the peak of pyarrow's memory in bytes, inline and by name")


def _peak_memory(call: Callable[[], Any]) -> int:
    before = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(before)
    pa.set_memory_pool(pool)
    try:
        call()
    finally:
        pa.set_memory_pool(before)
    return int(pool.max_memory())


def _fail(*_: Any, **__: Any) -> Any:
    raise AssertionError("a pyarrow IPC function was called")


@clause("PAYLOAD-19")
@each_family
def test_by_value(subject: Subject, family: Family) -> None:
    """The subject encodes the catalogue.

    No payload imports the sources' module, which does not exist.
    """
    for what, _, _, payload in _payloads(subject, family):
        named = [name for name in payload.globals if name.startswith(MODULE)]
        assert_equal(named, [], what)


NAMESAKES: dict[str, Any] = {"object": object(), "function": lambda a: a, "class": Exception}
"""What can have the name of a callable in its module: what a decorator made, a later one."""


@clause("PAYLOAD-19")
@pytest.mark.parametrize("namesake", NAMESAKES)
@each_family
def test_namesake_in_the_module(subject: Subject, family: Family, namesake: str) -> None:
    """The module that the callable names is importable, but has another object by that name."""
    udf, module = times(family, 7), ModuleType(MODULE)
    setattr(module, udf.attribute, NAMESAKES[namesake])
    with mock.patch.dict(sys.modules, {MODULE: module}):
        data = subject.to_bytes(call_of(subject, udf))
        imported = Payload.read(frame_of(data).payload).globals
        named = [name for name in imported if name.startswith(MODULE)]
        assert_equal(named, [], "what the payload imports of that module")
        _assert_times_seven(subject, family, data, "a callable with a namesake")


@clause("PAYLOAD-20")
@each_family
def test_by_reference(subject: Subject, family: Family) -> None:
    """The callable is in an importable module.

    The payload imports it by module and name, and the UDF runs.
    """
    content = handmade_frames.payload_members(family)
    data = subject.to_bytes(
        subject.from_bytes(handmade_frames.make_expression(subject, family, content))
    )
    # How protocols 0 to 2, which have no bytes, write those of the schemas is no import of code.
    imports = {*Payload.read(frame_of(data).payload).globals} - WRITE_BYTES
    callable_ = CALLABLES[family]
    expected = f"{callable_.__module__}.{callable_.__qualname__}"
    assert_equal(imports, {expected}, "the imports of the payload")
    _assert_times_seven(subject, family, data, "a callable by reference")


@clause("PAYLOAD-21")
def test_modules_by_reference(subject: Subject) -> None:
    """The callable uses a module. The payload holds the module's name and none of its content."""
    source = (
        "import decimal, pyarrow.compute as pc\nf = lambda a: (decimal, pc.multiply(a, 7))[1]\n"
    )
    udf = Udf(**(times("scalar", 7).__dict__ | {"source": source, "id": "payload/module"}))
    frame = frame_of(subject.to_bytes(call_of(subject, udf)))
    assert_true(
        b"decimal" in frame.payload,
        "the payload does not name the module",
        frame.payload,
        kind="wrong-bytes",
    )
    assert_true(
        b"quantize" not in frame.payload,
        "the payload contains the module's content",
        frame.payload,
        kind="wrong-bytes",
    )


@clause("PAYLOAD-22")
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@each_family
def test_any_pickler(subject: Subject, family: Family, protocol: int) -> None:
    """Another pickler wrote the tuple, with any protocol. The frame decodes, and the UDF runs."""
    payload = pickle.dumps(handmade_frames.payload_members(family), protocol)
    data = handmade_frames.make_expression(subject, family, payload)
    _assert_times_seven(subject, family, data, f"protocol {protocol}")


def _assert_refused(subject: Subject, data: bytes, what: str) -> None:
    """Assert that decoding ``data`` raises an Execution error, as for every malformed payload."""
    error = assert_raises(partial(subject.from_bytes, data), what)
    assert_error_kind(subject, error, "Execution", what)


@clause("PAYLOAD-23")
@each_family
def test_short_tuple(subject: Subject, family: Family) -> None:
    """The tuple lacks its last members. Decoding raises an Execution error."""
    whole = handmade_frames.payload_members(family)
    for size in range(len(whole)):
        data = handmade_frames.make_expression(subject, family, whole[:size])
        _assert_refused(subject, data, f"a tuple of {size}")


@clause("PAYLOAD-23")
@pytest.mark.parametrize("content", [None, 7, "text", b"bytes", [1, 2], {"name": "x"}], ids=repr)
@each_family
def test_no_tuple(subject: Subject, family: Family, content: Any) -> None:
    """The pickle holds no tuple. Decoding raises an Execution error."""
    data = handmade_frames.make_expression(subject, family, pickle.dumps(content))
    _assert_refused(subject, data, f"{content!r}")


@clause("PAYLOAD-23")
@each_family
def test_list(subject: Subject, family: Family) -> None:
    """The pickle holds the right members in a list. Decoding raises an Execution error."""
    data = handmade_frames.make_expression(
        subject, family, pickle.dumps(list(handmade_frames.payload_members(family)))
    )
    _assert_refused(subject, data, "a list of the right members")


BAD_SCHEMAS = [
    "text",
    None,
    7,
    b"",
    b"\xff\xff\xff\xff\x08\0\0\0no schema",
    handmade_frames.ONE_INT[:60],
]
BAD_MEMBERS: dict[str, list[Any]] = {
    "name": [b"bytes", None, 7],
    "inputs": BAD_SCHEMAS,
    "returns": BAD_SCHEMAS,
    "state": BAD_SCHEMAS,
    "volatility": [b"immutable", None, 7],
}


@clause("PAYLOAD-29")
@pytest.mark.parametrize(
    ("family", "member"),
    [(f, m) for f in SAMPLES for m in BAD_MEMBERS if m != "state" or f == "aggregate"],
)
def test_wrong_member(subject: Subject, family: Family, member: str) -> None:
    """One member has the wrong type, or is an incomplete schema.

    Decoding raises an Execution error.
    """
    for value in BAD_MEMBERS[member]:
        content = handmade_frames.payload_members(family, **{member: value})
        data = handmade_frames.make_expression(subject, family, content)
        _assert_refused(subject, data, f"{member} {value!r:.40}")


@clause("PAYLOAD-30")
@pytest.mark.parametrize("value", [None, 7, "text"], ids=repr)
@each_family
def test_not_callable(subject: Subject, family: Family, value: Any) -> None:
    """The callable member is not callable. Decoding raises an error."""
    content = handmade_frames.payload_members(family, callable=value)
    data = handmade_frames.make_expression(subject, family, content)
    # Python's own error for it is a TypeError.
    assert_raises(lambda: subject.from_bytes(data), f"{value!r} as the callable", any_error=True)


@clause("PAYLOAD-31")
@each_family
def test_payload_names_the_udf(subject: Subject, family: Family) -> None:
    """The call and the payload have different names. The decoded UDF has the payload's name."""
    data = handmade_frames.make_expression(
        subject, family, handmade_frames.payload_members(family, name="named_inside")
    )
    assert_equal([found.name for found in wire.find(data)], ["times"], "the name of the call")
    assert_equal(
        handmade_frames.reencode(subject, data).name,
        "named_inside",
        "the name after encoding again",
    )
    by_name = subject.to_bytes(subject.from_bytes(data), strict_session(subject))
    assert_true(
        b"named_inside" in by_name and b"times" not in by_name,
        "the bytes by name do not hold the payload's name",
        by_name,
    )


@clause("PAYLOAD-32")
@each_family
def test_missing_module(subject: Subject, family: Family) -> None:
    """The callable is in a module that the receiver lacks. The error names the module."""
    here, gone = (f"{callables.__name__}{end}".encode() for end in ("", "_gone"))
    payload = pickle.dumps(handmade_frames.payload_members(family), 0)
    data = handmade_frames.make_expression(subject, family, payload.replace(here, gone))
    # Python's own error for it is a ModuleNotFoundError.
    error = assert_raises(lambda: subject.from_bytes(data), "a missing module", any_error=True)
    assert_message_contains(error, [gone.decode()], "a missing module")


@clause("PAYLOAD-32")
@each_family
def test_missing_module_in_a_closure(subject: Subject, family: Family) -> None:
    """The callable holds a module that the receiver lacks. The error names the module."""
    udf, gone = times(family, 7), ModuleType("conformance_gone")
    with mock.patch.dict(sys.modules, {gone.__name__: gone}):
        gone.__spec__ = ModuleSpec(gone.__name__, None)  # as of a module that was imported
        data = subject.to_bytes(call_of(subject, udf, function_holding(subject, udf, gone)))
    error = assert_raises(lambda: subject.from_bytes(data), "a missing module", any_error=True)
    assert_message_contains(error, [gone.__name__], "a missing module")


class _Named:
    """An object that is pickled by a name of its module, whatever is there afterwards."""

    __module__ = callables.__name__

    def __init__(self, name: str) -> None:
        self.name = name

    def __reduce__(self) -> str:
        return self.name


@clause("PAYLOAD-33")
@each_family
def test_missing_name(subject: Subject, family: Family) -> None:
    """The payload names a callable of a class. The class lacks it; the module does not."""
    name = CALLABLES[family].__name__
    udf = _Named(f"{callables.Namesakes.__name__}.{name}")
    with mock.patch.object(callables.Namesakes, name, udf, create=True):
        payload = pickle.dumps(handmade_frames.payload_members(family, callable=udf), 4)
    data = handmade_frames.make_expression(subject, family, payload)
    assert_raises(partial(subject.from_bytes, data, subject.session()), "a name", any_error=True)


@clause("PAYLOAD-24")
@each_family
def test_empty_return_schema(subject: Subject, family: Family) -> None:
    """The return schema has no field. Decoding raises an Execution error."""
    content = handmade_frames.payload_members(family, returns=handmade_frames.encode_schema())
    data = handmade_frames.make_expression(subject, family, content)
    _assert_refused(subject, data, "a return schema without a field")


@clause("PAYLOAD-25")
@each_family
def test_two_return_fields(subject: Subject, family: Family) -> None:
    """The return schema has two fields. Decoding raises an error."""
    returns = handmade_frames.encode_schema(pa.field("a", pa.int64()), pa.field("b", pa.string()))
    data = handmade_frames.make_expression(
        subject, family, handmade_frames.payload_members(family, returns=returns)
    )
    assert_raises(lambda: subject.from_bytes(data), "a return schema with two fields")


@clause("PAYLOAD-26")
@pytest.mark.parametrize("volatility", ["", "Immutable", "IMMUTABLE", "sometimes", "immutable "])
@each_family
def test_unknown_volatility(subject: Subject, family: Family, volatility: str) -> None:
    """The volatility is none of the three known ones. Decoding raises an Execution error."""
    content = handmade_frames.payload_members(family, volatility=volatility)
    data = handmade_frames.make_expression(subject, family, content)
    _assert_refused(subject, data, f"volatility {volatility!r}")


@clause("PAYLOAD-27")
@each_family
def test_long_tuple(subject: Subject, family: Family) -> None:
    """The tuple has one more member than wire version 1 allows. Decoding raises an error."""
    data = handmade_frames.make_expression(
        subject, family, (*handmade_frames.payload_members(family), "one more")
    )
    assert_raises(lambda: subject.from_bytes(data), "a tuple with one member too many")


@clause("PAYLOAD-28")
@pytest.mark.parametrize(
    ("family", "member"),
    [*((f, m) for f in SAMPLES for m in ("inputs", "returns")), ("aggregate", "state")],
)
def test_schema_with_a_batch(subject: Subject, family: Family, member: str) -> None:
    """A schema stream also holds a record batch. Decoding raises an error."""
    sink = pa.BufferOutputStream()
    batch = pa.RecordBatch.from_pydict({"arg_0": pa.array([1], pa.int64())})
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    content = handmade_frames.payload_members(family, **{member: bytes(sink.getvalue())})
    data = handmade_frames.make_expression(subject, family, content)
    assert_raises(lambda: subject.from_bytes(data), f"a batch in {member}")
