"""Plans: logical and physical plans carry the same frames and keep the same promises."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest

from conformance import wire
from conformance.catalogue.build import INT, scalar_udf
from conformance.catalogue.nodes import Call, Col, Family, calls
from conformance.catalogue.queries import QUERIES, UNANSWERED
from conformance.catalogue.query import Limit, Query, Select
from conformance.runner.assertions import (
    assert_equal,
    assert_raises,
    assert_same_bytes,
    assert_succeeds,
    assert_true,
)
from conformance.subjects.interface import Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.artifacts import Artifact
from conformance.suite.helpers.codec import signature_of
from conformance.suite.helpers.decode_worker import another_process
from conformance.suite.helpers.large import assert_every_time, assert_large, each_size
from conformance.suite.helpers.markers import SLOTS, clause, each_family, each_layer
from conformance.suite.helpers.plans import (
    SAMPLES,
    assert_decodes_to_result,
    assert_plan_result,
    each_plan,
    each_query,
    encodable_plans,
    encode_plan,
    get_query,
    make_plan,
)
from conformance.suite.helpers.samples import make_functions, plans, strict_session

IN_MEMORY = [id_ for id_, query in QUERIES.items() if query.source == "memory"]


OVER_VALUES = each_query(
    (layer, id_) for layer, id_ in encodable_plans(QUERIES) if id_.endswith("-values")
)


@clause("PLAN-01")
@each_query((layer, id_) for layer, id_ in encodable_plans(QUERIES) if id_ not in IN_MEMORY)
def test_round_trip(subject: Subject, layer: Layer, query: str) -> None:
    """A new session decodes a plan. The plan gives its hand-written result."""
    with make_plan(subject, layer, get_query(query)) as plan:
        assert_decodes_to_result(subject, layer, get_query(query), plans(subject).to_bytes(plan))


@clause("PLAN-01")
@each_family
def test_runs_every_time(subject: Subject, family: Family) -> None:
    """A logical plan is decoded once and runs three times. Each time it gives its result."""
    query, session = SAMPLES[family], subject.session()
    plan = plans(subject).from_bytes("logical", session, encode_plan(subject, "logical", query))
    for _ in range(3):
        assert_plan_result(subject, query, plan, session)


@clause("PLAN-02")
@each_query(encodable_plans(UNANSWERED))
def test_one_udf_at_several_places(subject: Subject, layer: Layer, query: str) -> None:
    """The planner compares a UDF with itself.

    After a round trip the UDF is still equal to itself.
    """
    with make_plan(subject, layer, get_query(query)) as plan:
        assert_decodes_to_result(subject, layer, get_query(query), plans(subject).to_bytes(plan))


@clause("PLAN-03")
@pytest.mark.deadline(60)
def test_another_process(subject: Subject) -> None:
    """Another process, which never saw the sources, runs plans of both layers over every source.

    Each gives its hand-written result.
    """
    with another_process() as peer, tempfile.TemporaryDirectory() as folder:
        sent = []
        for layer, id_ in encodable_plans(QUERIES):
            query, place = get_query(id_), Path(folder, id_)
            place.mkdir(parents=True, exist_ok=True)
            udfs = make_functions(subject, query)
            plan = plans(subject).plan(subject.session(), layer, query, udfs, place)
            sent.append((layer, id_, plans(subject).to_bytes(plan)))
        wrong = peer.call("conformance.suite.helpers.plans:decode_all", sent, deadline=40)
    assert_equal(wrong, {}, "the plans that another process could not run")


def _plan_and_calls(subject: Subject, layer: Layer, query: Query) -> tuple[bytes, list[bytes]]:
    """Encode a plan, and a call of each of its UDFs; both share the UDF objects."""
    udfs = make_functions(subject, query)
    calls_ = [
        subject.to_bytes(subject.expr(Call(udf, tuple(Col("a") for _ in udf.inputs)), {udf: f}))
        for udf, f in udfs.items()
    ]
    with make_plan(subject, layer, query, udfs) as plan:
        return plans(subject).to_bytes(plan), calls_


@clause("PLAN-04")
@each_plan
def test_same_frames_as_expressions(subject: Subject, layer: Layer, query: str) -> None:
    """A plan and expressions share the same UDF objects. Their frames are equal, byte by byte."""
    plan, alone = _plan_and_calls(subject, layer, get_query(query))
    expected = {frame.data for data in alone for frame in wire.find(data)}
    assert_equal({frame.data for frame in wire.find(plan)}, expected, "the frames")


@clause("PLAN-04")
@each_plan
def test_same_definitions_as_expressions(subject: Subject, layer: Layer, query: str) -> None:
    """The frames of a plan and of expressions define the same UDFs: names, types, metadata."""
    plan, alone = _plan_and_calls(subject, layer, get_query(query))
    expected = {one for data in alone for one in _read_signatures(data)}
    assert_equal({*_read_signatures(plan)}, expected, "the definitions")


def _read_signatures(data: bytes) -> list[tuple[str, ...]]:
    """Return the name, the volatility and the schemas as text of each frame, in their order."""
    return [signature_of(found.frame()) for found in wire.find(data)]


@clause("PLAN-05")
@each_query(encodable_plans({**QUERIES, **UNANSWERED}))
def test_every_call_has_its_frame(subject: Subject, layer: Layer, query: str) -> None:
    """A plan is encoded.

    Each call has a frame; physical plans may repeat one, as both stages of an aggregate do.
    """
    with make_plan(subject, layer, get_query(query)) as plan:
        found = wire.find(plans(subject).to_bytes(plan))
    seen = Counter(frame.name for frame in found)
    expected = Counter(udf.name for udf in calls(get_query(query)))
    if layer == "logical":
        assert_equal(seen, expected, "how many frames each name has")
    assert_equal(set(seen), set(expected), "the names of the frames")


@clause("PLAN-06")
@each_layer
@each_family
def test_default_codec_inlines(subject: Subject, family: Family, layer: Layer) -> None:
    """Both slots hold strict sessions, and a plan is encoded without a session.

    Its frames are inline.
    """
    for slot in SLOTS:
        subject.set_slot(slot, strict_session(subject))
    data = encode_plan(subject, layer, SAMPLES[family])
    assert_true(bool(wire.find(data)), "the default codec wrote no frame", kind="wrong-bytes")


@clause("PLAN-07")
@OVER_VALUES
def test_inlining_session_writes_the_same(subject: Subject, layer: Layer, query: str) -> None:
    """A plan is encoded by a new session and by one toggled off and on.

    Both write the bytes of the default codec.
    """
    fresh = subject.session()
    with make_plan(subject, layer, get_query(query)) as plan:
        data = plans(subject).to_bytes(plan)
        for session in (fresh, subject.with_inlining(subject.with_inlining(fresh, False), True)):
            assert_same_bytes(plans(subject).to_bytes(plan, session), data, "an inlining session")


@clause("PLAN-07")
@each_layer
def test_inlining_session_writes_despite_the_slots(subject: Subject, layer: Layer) -> None:
    """Both slots hold a strict handle of the inlining session that encodes a plan.

    It writes the bytes of the default codec.
    """
    session = subject.session()
    for slot in SLOTS:
        subject.set_slot(slot, subject.with_inlining(session, False))
    with make_plan(subject, layer, SAMPLES["scalar"]) as plan:
        data = plans(subject).to_bytes(plan)
        assert_same_bytes(plans(subject).to_bytes(plan, session), data, "an inlining session")


@clause("PLAN-09")
@each_layer
@each_family
def test_only_the_argument_decodes(subject: Subject, family: Family, layer: Layer) -> None:
    """Slots and the global session hold other sessions.

    Only the session in the argument decides and resolves names.
    """
    query, part = SAMPLES[family], plans(subject)
    data = encode_plan(subject, layer, query)
    by_name = encode_plan(subject, layer, query, strict_session(subject))
    for slot in SLOTS:
        subject.set_slot(slot, strict_session(subject))
    assert_decodes_to_result(subject, layer, query, data)
    (function,) = make_functions(subject, query).values()
    knowing = (subject.session(), subject.global_session())
    for session in knowing:
        subject.register(session, function)
    try:
        for slot in SLOTS:
            subject.set_slot(slot, knowing[0])
        for strict in (strict_session(subject), subject.with_inlining(knowing[0], False)):
            assert_raises(partial(part.from_bytes, layer, strict, data), "a strict session")
        decode = partial(part.from_bytes, layer, subject.session(), by_name)
        assert_raises(decode, "a session without the registration")
        decode = partial(part.from_bytes, layer, None, data)
        assert_raises(decode, "no session", any_error=True)
    finally:
        subject.deregister(subject.global_session(), function)


@clause("PLAN-22")
@pytest.mark.parametrize("query", IN_MEMORY)
def test_logical_plan_holds_no_batches(subject: Subject, query: str) -> None:
    """A logical plan over batches in memory is encoded.

    That raises an error instead of losing rows.
    """
    for session in (None, subject.session(), strict_session(subject)):
        assert_succeeds(
            partial(encode_plan, subject, "physical", get_query(query), session), "physical"
        )
        assert_raises(
            partial(encode_plan, subject, "logical", get_query(query), session), "logical"
        )


@clause("PLAN-23")
@pytest.mark.parametrize("query", IN_MEMORY)
def test_physical_plan_carries_batches(subject: Subject, query: str) -> None:
    """A physical plan over batches in memory makes a round trip.

    It gives its hand-written result.
    """
    assert_decodes_to_result(
        subject, "physical", get_query(query), encode_plan(subject, "physical", get_query(query))
    )


@clause("PLAN-25")
@pytest.mark.parametrize("steps", [30, 60])
@each_layer
def test_deep(subject: Subject, layer: Layer, steps: int) -> None:
    """A plan alternates filters and limits, so no two steps merge. It makes a round trip."""
    query = QUERIES["plan/filter-scalar-values"]
    deep = replace(query, steps=(*query.steps, Limit(5)) * (steps // 2))
    data = encode_plan(subject, layer, deep)
    session = subject.session()
    plan = assert_succeeds(
        lambda: plans(subject).from_bytes(layer, session, data), f"{steps} steps"
    )
    assert_plan_result(subject, deep, plan, session)


FIELD = scalar_udf(
    "plan/field",
    "f = lambda a: a",
    [INT],
    pa.field("length", INT, nullable=False, metadata={"unit": "mm"}),
)


def _result_field(subject: Subject, layer: Layer) -> pa.Field:
    """Return the result column of a decoded plan with a UDF whose result is declared as a field."""
    steps = (Select((("r", Call(FIELD, (Col("a"),))),)),)
    query = replace(QUERIES["plan/projection-scalar-values"], steps=steps)
    session, data = subject.session(), encode_plan(subject, layer, query)
    plan = plans(subject).from_bytes(layer, session, data)
    return plans(subject).execute(session, plan).schema.field("r")


@clause("PLAN-26")
@each_layer
def test_return_nullability(subject: Subject, layer: Layer) -> None:
    """A UDF's result is declared non-nullable. It still is after a round trip of the plan."""
    assert_equal(_result_field(subject, layer).nullable, False, "the nullability of the result")


@clause("PLAN-27")
@each_layer
def test_return_metadata(subject: Subject, layer: Layer) -> None:
    """A UDF's result has metadata. A round trip of the plan keeps it."""
    assert_equal(_result_field(subject, layer).metadata, {b"unit": b"mm"}, "the result's metadata")


@clause("PLAN-28")
@pytest.mark.parametrize("query", ["plan/filter-scalar-values", "plan/top-k-values"])
@each_layer
def test_encoded_after_execution(subject: Subject, layer: Layer, query: str) -> None:
    """A plan is encoded before and after its execution.

    Both encodings give the hand-written result.
    """
    with make_plan(subject, layer, get_query(query)) as plan:
        fresh, session = plans(subject).to_bytes(plan), subject.session()
        assert_plan_result(subject, get_query(query), plan, session)
        data = plans(subject).to_bytes(plan)
    assert_decodes_to_result(subject, layer, get_query(query), fresh)
    assert_decodes_to_result(subject, layer, get_query(query), data)


@clause("PLAN-29")
@each_plan
def test_passed_on(subject: Subject, layer: Layer, query: str) -> None:
    """A decoded plan is encoded again.

    It keeps its definitions and gives its hand-written result.
    """
    with make_plan(subject, layer, get_query(query)) as plan:
        first = plans(subject).to_bytes(plan)
        again = plans(subject).from_bytes(layer, subject.session(), first)
        second = plans(subject).to_bytes(again)
        assert_equal(_read_signatures(second), _read_signatures(first), "name, schemas, volatility")
        assert_decodes_to_result(subject, layer, get_query(query), second)


@clause("PLAN-30")
@OVER_VALUES
def test_reads_the_same(subject: Subject, layer: Layer, query: str) -> None:
    """A plan is encoded and decoded. Its text stays the same."""
    with make_plan(subject, layer, get_query(query)) as plan:
        data = plans(subject).to_bytes(plan)
        again = plans(subject).from_bytes(layer, subject.session(), data)
        assert_equal(plans(subject).display(again), plans(subject).display(plan), "the text")


each_artifact = pytest.mark.parametrize("artifact", ["logical", "physical"])


@clause("PLAN-01")
@each_artifact
@each_size
@each_family
def test_large(subject: Subject, family: Family, size: str, artifact: Artifact) -> None:
    """The callable captures a text of ``size``. A new session runs the plan, with its result."""
    assert_large(subject, artifact, family, size)


@clause("PLAN-01")
@each_artifact
@each_family
def test_every_time(subject: Subject, family: Family, artifact: Artifact) -> None:
    """One plan is encoded 20 times, and its bytes are decoded 20 times more; each runs."""
    assert_every_time(subject, artifact, family)
