"""The payload: tuples, members and names that a decoder refuses."""

from __future__ import annotations

import pickle
import sys
from functools import partial
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any
from unittest import mock

import pyarrow as pa
import pytest

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.runner.assertions import (
    assert_equal,
    assert_error_kind,
    assert_message_contains,
    assert_raises,
    assert_true,
)
from conformance.subjects.interface import Subject
from conformance.suite.helpers import callables, handmade_frames
from conformance.suite.helpers.callables import CALLABLES
from conformance.suite.helpers.markers import clause, each_family
from conformance.suite.helpers.same_name_udfs import call_of, function_holding, times
from conformance.suite.helpers.samples import SAMPLES, strict_session


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
