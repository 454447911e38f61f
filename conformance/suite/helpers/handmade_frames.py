"""Frames made by hand, as another implementation or an attacker might send them."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.subjects.interface import Subject
from conformance.suite.helpers.callables import CALLABLES
from conformance.suite.helpers.codec import PYTHON
from conformance.suite.helpers.same_name_udfs import call_of, times
from conformance.wire import Definition, Frame

INT = pa.int64()
WIRE_FAMILY = {
    "scalar": wire.Family.SCALAR,
    "aggregate": wire.Family.AGGREGATE,
    "window": wire.Family.WINDOW,
}
NAME = "crafted"


def encode_schema(*fields: pa.Field) -> bytes:
    """Return a schema of these fields as an Arrow IPC stream without batches."""
    sink = pa.BufferOutputStream()
    pa.ipc.new_stream(sink, pa.schema(fields)).close()
    return bytes(sink.getvalue())


ONE_INT = encode_schema(pa.field("arg_0", INT))
RESULT = encode_schema(pa.field("result", INT))
STATE = encode_schema(pa.field("state_0", INT))


def payload_members(family: Family, **others: Any) -> tuple[Any, ...]:
    """Return the payload tuple of a UDF that multiplies by 7; ``others`` replace its members."""
    defaults = {
        "name": NAME,
        "callable": CALLABLES[family],
        "inputs": ONE_INT,
        "returns": RESULT,
        **({"state": STATE} if family == "aggregate" else {}),
        "volatility": "immutable",
    }
    assert others.keys() <= defaults.keys()
    return tuple((defaults | others).values())


def payload_of(family: Family) -> bytes:
    """Return the pickle of ``payload_members``, in a protocol that has its names as text."""
    return pickle.dumps(payload_members(family), 0)


def make_expression(subject: Subject, family: Family, content: Sequence[Any] | bytes) -> bytes:
    """Return the bytes of a call, on column ``a``, of a UDF with a handmade payload.

    ``content`` is the payload tuple or its pickle.
    """
    payload = content if isinstance(content, bytes) else pickle.dumps(content)
    data = subject.to_bytes(call_of(subject, times(family, 2)))
    (found,) = wire.find(data)
    frame = Frame(WIRE_FAMILY[family], 1, PYTHON, payload)
    return wire.replace(data, {found.path: frame.to_bytes()})


def reencode(subject: Subject, data: bytes) -> Definition:
    """Decode ``data`` and return the definition that the subject writes when it encodes again."""
    (found,) = wire.find(subject.to_bytes(subject.from_bytes(data)))
    return Definition.read(found.frame())
