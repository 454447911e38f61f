"""Plans: logical and physical plans carry the same frames and keep the same promises."""

from __future__ import annotations

import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest

from conformance import wire
from conformance.catalogue.build import INT, scalar_udf
from conformance.catalogue.nodes import Call, Col, Family, calls
from conformance.catalogue.queries import QUERIES, UNANSWERED
from conformance.catalogue.query import Limit, Query, Select
from conformance.catalogue.source import MODULE
from conformance.hostile import canary
from conformance.negative import protobuf
from conformance.runner.assertions import (
    Mismatch,
    assert_control,
    assert_equal,
    assert_error_kind,
    assert_message_contains,
    assert_names,
    assert_names_versions,
    assert_nothing_unpickled,
    assert_raises,
    assert_same_bytes,
    assert_succeeds,
    assert_true,
    assert_unpickled,
    assert_unresolved,
)
from conformance.subjects.interface import Slot, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.artifacts import Artifact
from conformance.suite.helpers.canaries import assert_unread, with_canaries
from conformance.suite.helpers.codec import MAGIC, PYTHON, set_header_byte, signature_of
from conformance.suite.helpers.decode_worker import another_process
from conformance.suite.helpers.large import assert_every_time, assert_large, each_size
from conformance.suite.helpers.markers import clause, each_family, each_layer, each_receiver
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
    replace_frames,
)
from conformance.suite.helpers.same_name_udfs import call_of, function_of, times
from conformance.suite.helpers.samples import (
    KIND,
    make_functions,
    make_locked,
    plans,
    receiver,
    strict_session,
)

IN_MEMORY = [id_ for id_, query in QUERIES.items() if query.source == "memory"]
SLOTS: tuple[Slot, ...] = ("sender", "worker")
TWO_OF_ONE_NAME = "two-of-one-name"
BY_NAME = [(layer, id_) for layer, id_ in encodable_plans(QUERIES) if TWO_OF_ONE_NAME not in id_]
OVER_VALUES = each_query(
    (layer, id_) for layer, id_ in encodable_plans(QUERIES) if id_.endswith("-values")
)
OTHER_PYTHON = (PYTHON[0], PYTHON[1] ^ 1)


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


@clause("PLAN-08")
@each_plan
def test_strict_session_writes_names(subject: Subject, layer: Layer, query: str) -> None:
    """A strict session encodes a plan.

    The bytes hold the names, no frame and no part of a callable.
    """
    with make_plan(subject, layer, get_query(query)) as plan:
        data = plans(subject).to_bytes(plan, strict_session(subject))
    assert_equal(wire.find(data), [], "frames in bytes by name")
    for part in (*MAGIC.values(), MODULE.encode(), b"<conformance "):
        assert_true(part not in data, f"bytes by name hold {part!r}", data, kind="wrong-bytes")
    for udf in get_query(query).udfs:
        assert_true(
            udf.name.encode() in data,
            f"bytes by name do not hold {udf.name!r}",
            data,
            kind="wrong-bytes",
        )


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
        assert_raises(partial(part.from_bytes, layer, strict_session(subject), data), "strict")
        decode = partial(part.from_bytes, layer, subject.session(), by_name)
        assert_raises(decode, "a session without the registration")
        decode = partial(part.from_bytes, layer, None, data)
        assert_raises(decode, "no session", any_error=True)
    finally:
        subject.deregister(subject.global_session(), function)


@clause("PLAN-10")
@each_plan
def test_refused_wherever_it_stands(subject: Subject, layer: Layer, query: str) -> None:
    """Only one frame of a plan stays inline and all UDFs are registered.

    A strict session refuses each such frame.
    """
    with make_plan(subject, layer, get_query(query)) as plan:
        data, session = plans(subject).to_bytes(plan), strict_session(subject)
    for function in make_functions(subject, get_query(query)).values():
        subject.register(session, function)
    found = wire.find(data)
    assert_control(bool(found), "the inline bytes hold no frame")
    for remaining in found:
        alone = wire.remove(data, [other.path for other in found if other.path != remaining.path])
        decode = partial(plans(subject).from_bytes, layer, session, alone)
        error = assert_raises(decode, f"frame {remaining.name}")
        assert_message_contains(
            error, ["inlining is disabled on this session"], f"frame {remaining.name}"
        )


def _refusal(subject: Subject, layer: Layer, family: Family) -> Exception:
    data, session = encode_plan(subject, layer, SAMPLES[family]), strict_session(subject)
    decode = partial(plans(subject).from_bytes, layer, session, data)
    return assert_raises(decode, f"a {layer} plan on a strict session")


@clause("PLAN-11")
@each_layer
@each_family
def test_refusal_names_kind_and_name(subject: Subject, family: Family, layer: Layer) -> None:
    """A strict session refuses a plan. The error names the kind and the name of the UDF."""
    error = _refusal(subject, layer, family)
    assert_message_contains(error, [KIND[family]], layer)
    assert_names(error, SAMPLES[family].udfs[0].name, layer)


@clause("PLAN-12")
@each_layer
@each_family
def test_refusal_gives_reason_and_remedies(subject: Subject, family: Family, layer: Layer) -> None:
    """A strict session refuses a plan.

    The error gives the reason, the remedies on both sides and the risk.
    """
    name = SAMPLES[family].udfs[0].name
    reason, own = "inlining is disabled on this session", "enable inlining on this receiver"
    sender = ["re-encode with inlining disabled", "by name", f"register '{name}' on this receiver"]
    assert_message_contains(_refusal(subject, layer, family), [reason, *sender, own, "risk"], layer)


def _cut_to(size: int, frame: bytes) -> bytes:
    return frame[:size]


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "strict": lambda frame: frame,
    "version": set_header_byte(7, 2),
    "python": set_header_byte(9, OTHER_PYTHON[1]),
    "cut": partial(_cut_to, 8),
}


@clause("PLAN-13")
@pytest.mark.parametrize("change", list(CHANGES))
@each_family
@each_layer
def test_refusals_are_execution_errors(
    subject: Subject, layer: Layer, family: Family, change: str
) -> None:
    """A frame in a plan is refused. The error is an Execution error, not a Plan error."""
    data = replace_frames(encode_plan(subject, layer, SAMPLES[family]), CHANGES[change])
    decode = partial(plans(subject).from_bytes, layer, strict_session(subject), data)
    assert_error_kind(subject, assert_raises(decode, change), "Execution", change)


@clause("PLAN-14")
@each_layer
@each_family
def test_nothing_of_the_payload_runs(subject: Subject, family: Family, layer: Layer) -> None:
    """A strict session refuses a plan with a canary payload.

    The canary records no lookup, import or call.
    """
    data = with_canaries(encode_plan(subject, layer, SAMPLES[family]))
    decode = partial(plans(subject).from_bytes, layer)
    with canary.recording() as events:
        assert_raises(lambda: decode(subject.session(), data), "a payload that is no tuple")
        assert_unpickled(events, "an inlining session")
    assert_unread(lambda: decode(strict_session(subject), data), "a strict session")


NODES: Mapping[Layer, Sequence[tuple[int, int]]] = {
    "logical": [
        *((number, 1) for number in (*range(3, 10), *range(12, 16), 21, 23, 29, 30)),
        *((17, 2), (22, 2), (26, 3), (28, 4), (31, 2)),
    ],
    "physical": [
        *((number, 1) for number in (4, 6, 7, *range(9, 17), 19, 21, 22, *range(24, 27))),
        *((number, 1) for number in (28, 29, 30, 32, 34, 36, 37, 39)),
        *((8, 4), (18, 2), (23, 3)),
    ],
}
"""The engine's nodes that have an input: their numbers in its protobuf, and those of the input."""


@clause("PLAN-14")
@each_layer
def test_nothing_runs_below_any_node(subject: Subject, layer: Layer) -> None:
    """A plan with a canary is the input of each kind of node, among them EXPLAIN and COPY.

    A strict session refuses it and unpickles nothing. An inlining session unpickles most of them.
    """
    data = with_canaries(encode_plan(subject, layer, SAMPLES["scalar"]))
    nested = [
        protobuf.field(number, protobuf.field(input_, data)) for number, input_ in NODES[layer]
    ]
    decode = partial(plans(subject).from_bytes, layer)
    with canary.recording() as events:
        for each in nested:
            with suppress(Exception):  # the nodes lack all else
                decode(subject.session(), each)
    unpickled = events.count(canary.CALLED)
    assert_control(unpickled > len(nested) / 2, "an inlining session unpickled few", unpickled)
    for node, each in zip(NODES[layer], nested, strict=True):
        assert_unread(partial(decode, strict_session(subject), each), f"the input of node {node}")


@clause("PLAN-15")
@each_layer
@each_family
def test_refused_though_registered(subject: Subject, family: Family, layer: Layer) -> None:
    """A strict session has the same UDF registered. It still refuses the inline frame of a plan."""
    data, session = encode_plan(subject, layer, SAMPLES[family]), strict_session(subject)
    (function,) = make_functions(subject, SAMPLES[family]).values()
    subject.register(session, function)
    error = assert_raises(partial(plans(subject).from_bytes, layer, session, data), "registered")
    assert_message_contains(error, ["inlining is disabled on this session"], "registered")


ALIGN = ("Align datafusion-python versions", "sender", "receiver")
MISSING_FIELDS = {
    7: "missing wire-format version byte",
    8: "missing Python major version byte",
    9: "missing Python minor version byte",
}


@clause("PLAN-16")
@each_receiver
@each_family
@each_layer
def test_other_wire_version(subject: Subject, layer: Layer, family: Family, mode: str) -> None:
    """A frame in a plan has an unsupported wire version.

    The error names it, the supported range and a remedy.
    """
    for version in (0, 2, 255):
        data = replace_frames(
            encode_plan(subject, layer, SAMPLES[family]), set_header_byte(7, version)
        )
        decode = partial(plans(subject).from_bytes, layer, receiver(subject, mode), data)
        error = assert_raises(decode, f"version {version}")
        parts = [f"wire-format version v{version};", "supports v1..=v1", *ALIGN]
        assert_message_contains(error, parts, f"version {version}")


@clause("PLAN-17")
@each_receiver
@each_family
@each_layer
def test_other_python(subject: Subject, layer: Layer, family: Family, mode: str) -> None:
    """A frame in a plan is of another Python version. The error names both versions."""
    data = replace_frames(
        encode_plan(subject, layer, SAMPLES[family]), set_header_byte(9, OTHER_PYTHON[1])
    )
    decode = partial(plans(subject).from_bytes, layer, receiver(subject, mode), data)
    both = [".".join(map(str, python)) for python in (OTHER_PYTHON, PYTHON)]
    assert_names_versions(assert_raises(decode, "another Python"), both, "another Python")


@clause("PLAN-18")
@each_receiver
@each_family
@each_layer
def test_cut_frame(subject: Subject, layer: Layer, family: Family, mode: str) -> None:
    """A frame in a plan is cut in its header. The error names the missing byte."""
    data = encode_plan(subject, layer, SAMPLES[family])
    for size, part in MISSING_FIELDS.items():
        cut = replace_frames(data, partial(_cut_to, size))
        decode = partial(plans(subject).from_bytes, layer, receiver(subject, mode), cut)
        assert_message_contains(assert_raises(decode, f"{size} bytes"), [part], f"{size} bytes")


@clause("PLAN-19")
@each_query(BY_NAME)
def test_names_resolve(subject: Subject, layer: Layer, query: str) -> None:
    """A plan is encoded by name, and the receiver has the UDFs registered.

    The plan runs on strict and inlining receivers.
    """
    with make_plan(subject, layer, get_query(query)) as plan:
        data = plans(subject).to_bytes(plan, strict_session(subject))
        for mode in ("strict", "inlining"):
            session = receiver(subject, mode)
            for function in make_functions(subject, get_query(query)).values():
                subject.register(session, function)
            assert_decodes_to_result(subject, layer, get_query(query), data, session)


@clause("PLAN-20")
@each_query((layer, id_) for layer, id_ in BY_NAME if id_.endswith("-values"))
def test_names_do_not_resolve(subject: Subject, layer: Layer, query: str) -> None:
    """A plan is encoded by name, and the receiver lacks one UDF. The error names that UDF."""
    with make_plan(subject, layer, get_query(query)) as plan:
        data = plans(subject).to_bytes(plan, strict_session(subject))
    udfs = make_functions(subject, get_query(query))
    for missing in udfs:
        for mode in ("strict", "inlining"):
            session = receiver(subject, mode)
            for udf, function in udfs.items():
                if udf is not missing:
                    subject.register(session, function)
            decode = partial(plans(subject).from_bytes, layer, session, data)
            assert_unresolved(decode, missing.name, f"without {missing.name}")


@clause("PLAN-21")
@each_layer
@each_family
def test_namesake_does_not_answer(subject: Subject, family: Family, layer: Layer) -> None:
    """The receiver has another UDF of the same name. The plan runs the inline one."""
    query, session = SAMPLES[family], subject.session()
    subject.register(session, function_of(subject, times(family, 1000, query.udfs[0].name)))
    assert_decodes_to_result(subject, layer, query, encode_plan(subject, layer, query), session)


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


@clause("PLAN-24")
@each_layer
@each_family
def test_unpicklable_is_an_error(subject: Subject, family: Family, layer: Layer) -> None:
    """The callable holds a lock. Encoding the plan raises an error, and without it none."""
    query = SAMPLES[family]
    assert_succeeds(partial(encode_plan, subject, layer, query), "without the lock")
    udfs = {udf: subject.function(udf, make_locked(subject, udf)) for udf in query.udfs}
    with make_plan(subject, layer, query, udfs) as plan:
        # Picklers raise errors of several types for objects that they cannot pickle.
        assert_raises(lambda: plans(subject).to_bytes(plan), "a lock", any_error=True)


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


@clause("PLAN-31")
@each_layer
@each_family
def test_older_names(subject: Subject, family: Family, layer: Layer) -> None:
    """to_proto and from_proto are called.

    They work like to_bytes and from_bytes and emit deprecation warnings.
    """
    session, part = subject.session(), plans(subject)
    with make_plan(subject, layer, SAMPLES[family]) as plan:
        expected = part.to_bytes(plan)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            data = part.to_proto(plan)
            again = part.from_proto(layer, session, data)
    assert_same_bytes(data, expected, "to_proto")
    assert_plan_result(subject, SAMPLES[family], again, session)
    seen = [warning for warning in caught if issubclass(warning.category, DeprecationWarning)]
    assert_equal(len(seen), 2, "the number of deprecation warnings")


@clause("PLAN-32")
@each_receiver
@each_family
@each_layer
def test_bytes_of_something_else(subject: Subject, layer: Layer, family: Family, mode: str) -> None:
    """The bytes are of the other layer or of an expression, and their frames hold canaries.

    Decoding raises an error and unpickles nothing.
    """
    query, session = SAMPLES[family], receiver(subject, mode)
    other: Layer = "physical" if layer == "logical" else "logical"
    (udf,), (function,) = query.udfs, make_functions(subject, query).values()
    expr = call_of(subject, udf, function)
    for what, data in {
        f"a {other} plan": encode_plan(subject, other, query),
        "an expression": subject.to_bytes(expr),
    }.items():
        hostile = with_canaries(data)
        with canary.recording() as events:
            assert_raises(partial(plans(subject).from_bytes, layer, session, hostile), what)
            assert_nothing_unpickled(events, what)


@clause("PLAN-33")
@pytest.mark.deadly
@each_layer
def test_damaged(subject: Subject, layer: Layer) -> None:
    """One byte of a plan by name is damaged.

    Decoding returns another plan or raises an Exception.
    """
    query, session = SAMPLES["scalar"], strict_session(subject)
    for function in make_functions(subject, query).values():
        subject.register(session, function)
    data = encode_plan(subject, layer, query, session)
    for bit, place in product((0x40, 0x80), range(len(data))):
        damaged = data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]
        try:
            with suppress(Exception):
                plans(subject).from_bytes(layer, session, damaged)
        except BaseException as error:  # noqa: BLE001 - a panic is not an Exception
            seen = f"{type(error).__name__}: {error}"
            message = f"a panic after byte {place} of {len(data)} was damaged"
            raise Mismatch("panic", message, "an Exception", seen) from None


each_plan = pytest.mark.parametrize("artifact", ["logical", "physical"])


@clause("PLAN-01")
@each_plan
@each_size
@each_family
def test_large(subject: Subject, family: Family, size: str, artifact: Artifact) -> None:
    """The callable captures a text of ``size``. A new session runs the plan, with its result."""
    assert_large(subject, artifact, family, size)


@clause("PLAN-01")
@each_plan
@each_family
def test_every_time(subject: Subject, family: Family, artifact: Artifact) -> None:
    """One plan is encoded 20 times, and its bytes are decoded 20 times more; each runs."""
    assert_every_time(subject, artifact, family)
