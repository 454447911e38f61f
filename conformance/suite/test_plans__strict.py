"""Plans: a strict session writes names and refuses frames, wherever they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.catalogue.source import MODULE
from conformance.hostile import canary
from conformance.negative.artifacts import field
from conformance.runner.assertions import (
    assert_control,
    assert_equal,
    assert_message_contains,
    assert_names,
    assert_raises,
    assert_true,
    assert_unpickled,
)
from conformance.subjects.interface import Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.canaries import assert_unread, with_canaries
from conformance.suite.helpers.codec import MAGIC
from conformance.suite.helpers.markers import SLOTS, clause, each_family, each_layer
from conformance.suite.helpers.plans import SAMPLES, each_plan, encode_plan, get_query, make_plan
from conformance.suite.helpers.samples import KIND, make_functions, plans, strict_session


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


@clause("PLAN-08")
@each_layer
def test_strict_session_writes_names_despite_the_slots(subject: Subject, layer: Layer) -> None:
    """Both slots hold the inlining source of the strict session. It still writes no frame."""
    session = subject.session()
    for slot in SLOTS:
        subject.set_slot(slot, session)
    data = encode_plan(subject, layer, SAMPLES["scalar"], subject.with_inlining(session, False))
    assert_equal(wire.find(data), [], "frames in bytes by name")


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
    nested = [field(number, field(input_, data)) for number, input_ in NODES[layer]]
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
