"""One UDF call in each artifact that ships it: expression, pickle, logical or physical plan."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, Literal

import pytest

from conformance import wire
from conformance.catalogue.nodes import Family, Udf
from conformance.runner.assertions import assert_control, assert_equal, assert_result
from conformance.subjects.interface import Function, Session, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.canaries import with_canaries
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
"""The layer whose codecs encode and decode an artifact."""

each_artifact = pytest.mark.parametrize("artifact", at_artifacts(LAYER))
FACTOR = 7
"""The factor by which the UDF multiplies; ``RESULTS`` holds its results."""


def make_call(subject: Subject, artifact: Artifact, family: Family) -> Any:
    """Return a call of a UDF of ``family``: an expression, or the plan of a query that calls it."""
    return _make_call(subject, artifact, family)[1]


@once
def _make_call(subject: Subject, artifact: Artifact, family: Family) -> tuple[Session, Any]:
    udf = times(family, FACTOR)
    return call_in(subject, artifact, udf, function_of(subject, udf))


def call_in(
    subject: Subject, artifact: Artifact, udf: Udf, function: Function
) -> tuple[Session, Any]:
    """Return a session, which must outlive its call, and a call of ``function``."""
    session = subject.session()
    if artifact in ("expression", "pickle"):
        return session, call_of(subject, udf, function)
    functions = {udf: function}
    return session, plans(subject).plan(session, LAYER[artifact], query_of(udf), functions, Path())


def to_bytes(subject: Subject, artifact: Artifact, call: Any, session: Session) -> bytes:
    """Encode ``call`` with ``session``; a pickle is made with ``session`` in the sender slot."""
    if artifact == "expression":
        return subject.to_bytes(call, session)
    if artifact != "pickle":
        return plans(subject).to_bytes(call, session)
    subject.set_slot("sender", session)
    try:
        return pickle.dumps(call)
    finally:
        subject.clear_slot("sender")


def from_bytes(subject: Subject, artifact: Artifact, data: bytes, session: Session) -> Any:
    """Decode with ``session``; a pickle is loaded with ``session`` in the worker slot."""
    if artifact == "expression":
        return subject.from_bytes(data, session)
    if artifact != "pickle":
        return plans(subject).from_bytes(LAYER[artifact], session, data)
    subject.set_slot("worker", session)
    try:
        return pickle.loads(data)
    finally:
        subject.clear_slot("worker")


def encode_inline(subject: Subject, artifact: Artifact, family: Family) -> bytes:
    """Encode the call on an inlining session without codecs: the bytes contain frames.

    The result is not cached. Decoding a class that is alive in this process sets its
    attributes again, so the next pickle of the class may differ.
    """
    data = to_bytes(subject, artifact, make_call(subject, artifact, family), subject.session())
    assert_control(bool(wire.find(data)), "an inlining session wrote no frame", data)
    return data


def encode_by_name(subject: Subject, artifact: Artifact, family: Family) -> bytes:
    """Encode the call on a strict session without codecs: the bytes contain only its name."""
    call = make_call(subject, artifact, family)
    data = to_bytes(subject, artifact, call, subject.with_inlining(subject.session(), False))
    assert_equal(wire.find(data), [], "the frames in the bytes of a strict session")
    return data


def assert_multiplies(
    subject: Subject, artifact: Artifact, family: Family, call: Any, session: Session
) -> None:
    """Assert that ``call`` multiplies as the UDF does."""
    if artifact in ("expression", "pickle"):
        seen = evaluate_rows(subject, family, call, session)
    else:
        table = plans(subject).execute(session, call)
        seen = sorted(table.column(0).to_pylist())
    assert_result(seen, RESULTS[family], f"the result of the {artifact}")


def wrap_frames(data: bytes, *codec_ids: str) -> bytes:
    """Return ``data`` with each frame wrapped in envelopes of these codecs, the first outermost."""
    envelopes = {}
    for found in wire.find(data):
        blob = found.data
        for codec_id in reversed(codec_ids):
            blob = Envelope(codec_id, blob).to_bytes()
        envelopes[found.path] = blob
    return wire.replace(data, envelopes)


def with_canary(subject: Subject, artifact: Artifact, family: Family) -> bytes:
    """Return the bytes of the call with a canary as the payload of each frame."""
    return with_canaries(encode_inline(subject, artifact, family))
