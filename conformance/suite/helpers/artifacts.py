"""One UDF call at every level at which it is shipped: expression, pickle, either kind of plan."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, Literal

import pytest

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.hostile import canary
from conformance.runner.assertions import assert_control, assert_equal, assert_result
from conformance.subjects.interface import Session, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.codec import MAGIC, PYTHON
from conformance.suite.helpers.markers import at_levels
from conformance.suite.helpers.same_name_udfs import (
    RESULTS,
    call_of,
    evaluated,
    function_of,
    query_of,
    times,
)
from conformance.suite.helpers.samples import once, plans
from conformance.wire import Envelope

Level = Literal["expression", "pickle", "logical", "physical"]

LAYER: dict[Level, Layer] = {
    "expression": "logical",
    "pickle": "logical",
    "logical": "logical",
    "physical": "physical",
}
"""The layer whose codecs ship what stands at a level."""

each_level = pytest.mark.parametrize("level", at_levels(LAYER))
FACTOR = 7
"""What the UDF multiplies by; ``RESULTS`` has what it makes of the rows."""


def shipped(subject: Subject, level: Level, family: Family) -> Any:
    """Return the call of a UDF of ``family``: an expression, or the plan of a query with it."""
    return _made(subject, level, family)[1]


@once
def _made(subject: Subject, level: Level, family: Family) -> tuple[Session, Any]:
    """Return the session lives for as long as what was made on it."""
    session, udf = subject.session(), times(family, FACTOR)
    if level in ("expression", "pickle"):
        return session, call_of(subject, udf)
    functions = {udf: function_of(subject, udf)}
    return session, plans(subject).plan(session, LAYER[level], query_of(udf), functions, Path())


def to_bytes(subject: Subject, level: Level, call: Any, session: Session) -> bytes:
    """``call`` as ``session`` writes it; it is pickled with ``session`` in the sender slot."""
    if level == "expression":
        return subject.to_bytes(call, session)
    if level != "pickle":
        return plans(subject).to_bytes(call, session)
    subject.set_slot("sender", session)
    try:
        return pickle.dumps(call)
    finally:
        subject.clear_slot("sender")


def from_bytes(subject: Subject, level: Level, data: bytes, session: Session) -> Any:
    """Return what ``session`` reads; it is unpickled with ``session`` in the worker slot."""
    if level == "expression":
        return subject.from_bytes(data, session)
    if level != "pickle":
        return plans(subject).from_bytes(LAYER[level], session, data)
    subject.set_slot("worker", session)
    try:
        return pickle.loads(data)
    finally:
        subject.clear_slot("worker")


def inline(subject: Subject, level: Level, family: Family) -> bytes:
    """Return the call as a session without codecs writes it now: with frames.

    Not once for all: where a class is decoded that lives in this process, its
    attributes are set anew, and the next pickle of it may differ.
    """
    data = to_bytes(subject, level, shipped(subject, level, family), subject.session())
    assert_control(bool(wire.find(data)), "no frame in the bytes of an inlining session", data)
    return data


def named(subject: Subject, level: Level, family: Family) -> bytes:
    """Return the call as a strict session without codecs writes it: by name."""
    call = shipped(subject, level, family)
    data = to_bytes(subject, level, call, subject.with_inlining(subject.session(), False))
    assert_equal(wire.find(data), [], "frames in bytes by name")
    return data


def runs(subject: Subject, level: Level, family: Family, call: Any, session: Session) -> None:
    """``call`` must multiply as the UDF does."""
    if level in ("expression", "pickle"):
        seen = evaluated(subject, family, call, session)
    else:
        table = plans(subject).execute(session, call)
        seen = sorted(table.column(0).to_pylist())
    assert_result(seen, RESULTS[family], f"the result of the {level}")


def wrapped(data: bytes, *codec_ids: str) -> bytes:
    """Return ``data`` with each frame in envelopes of these codecs, the first outermost."""
    new = {}
    for found in wire.find(data):
        blob = found.data
        for codec_id in reversed(codec_ids):
            blob = Envelope(codec_id, blob).to_bytes()
        new[found.path] = blob
    return wire.replace(data, new)


def with_canary(subject: Subject, level: Level, family: Family) -> bytes:
    """Return the call with a canary payload."""
    frame = MAGIC[family] + bytes((1, *PYTHON)) + canary.payload()
    data = inline(subject, level, family)
    return wire.replace(data, {found.path: frame for found in wire.find(data)})
