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
from conformance.suite.helpers.markers import at_artifacts
from conformance.suite.helpers.same_name_udfs import (
    RESULTS,
    call_of,
    evaluate_rows,
    function_of,
    query_of,
    times,
)
from conformance.suite.helpers.samples import once, plans
from conformance.wire import Envelope

Artifact = Literal["expression", "pickle", "logical", "physical"]

LAYER: dict[Artifact, Layer] = {
    "expression": "logical",
    "pickle": "logical",
    "logical": "logical",
    "physical": "physical",
}
"""The layer whose codecs ship what stands at a level."""

each_artifact = pytest.mark.parametrize("level", at_artifacts(LAYER))
FACTOR = 7
"""What the UDF multiplies by; ``RESULTS`` has what it makes of the rows."""


def make_call(subject: Subject, level: Artifact, family: Family) -> Any:
    """Return the call of a UDF of ``family``: an expression, or the plan of a query with it."""
    return _make_call(subject, level, family)[1]


@once
def _make_call(subject: Subject, level: Artifact, family: Family) -> tuple[Session, Any]:
    """Return the session lives for as long as what was made on it."""
    session, udf = subject.session(), times(family, FACTOR)
    if level in ("expression", "pickle"):
        return session, call_of(subject, udf)
    functions = {udf: function_of(subject, udf)}
    return session, plans(subject).plan(session, LAYER[level], query_of(udf), functions, Path())


def to_bytes(subject: Subject, level: Artifact, call: Any, session: Session) -> bytes:
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


def from_bytes(subject: Subject, level: Artifact, data: bytes, session: Session) -> Any:
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


def encode_inline(subject: Subject, level: Artifact, family: Family) -> bytes:
    """Return the call as a session without codecs writes it now: with frames.

    Not once for all: where a class is decoded that lives in this process, its
    attributes are set anew, and the next pickle of it may differ.
    """
    data = to_bytes(subject, level, make_call(subject, level, family), subject.session())
    assert_control(bool(wire.find(data)), "no frame in the bytes of an inlining session", data)
    return data


def encode_by_name(subject: Subject, level: Artifact, family: Family) -> bytes:
    """Return the call as a strict session without codecs writes it: by name."""
    call = make_call(subject, level, family)
    data = to_bytes(subject, level, call, subject.with_inlining(subject.session(), False))
    assert_equal(wire.find(data), [], "frames in bytes by name")
    return data


def assert_multiplies(
    subject: Subject, level: Artifact, family: Family, call: Any, session: Session
) -> None:
    """``call`` must multiply as the UDF does."""
    if level in ("expression", "pickle"):
        seen = evaluate_rows(subject, family, call, session)
    else:
        table = plans(subject).execute(session, call)
        seen = sorted(table.column(0).to_pylist())
    assert_result(seen, RESULTS[family], f"the result of the {level}")


def wrap_frames(data: bytes, *codec_ids: str) -> bytes:
    """Return ``data`` with each frame in envelopes of these codecs, the first outermost."""
    new = {}
    for found in wire.find(data):
        blob = found.data
        for codec_id in reversed(codec_ids):
            blob = Envelope(codec_id, blob).to_bytes()
        new[found.path] = blob
    return wire.replace(data, new)


def with_canary(subject: Subject, level: Artifact, family: Family) -> bytes:
    """Return the call with a canary payload."""
    frame = MAGIC[family] + bytes((1, *PYTHON)) + canary.payload()
    data = encode_inline(subject, level, family)
    return wire.replace(data, {found.path: frame for found in wire.find(data)})
