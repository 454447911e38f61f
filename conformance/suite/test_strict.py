"""Strict refusal: the error of a session with inlining off, and the proof that it runs nothing."""

from __future__ import annotations

import pickle
from functools import partial
from typing import Any

import pytest

from conformance import wire
from conformance.catalogue import get
from conformance.catalogue.boundaries import NAMED, NAMES
from conformance.catalogue.nodes import Binary, Call, Col, Family, Lit, Over
from conformance.hostile import canary
from conformance.runner.assertions import (
    assert_control,
    assert_error_kind,
    assert_message_contains,
    assert_names,
    assert_not_called,
    assert_nothing_unpickled,
    assert_raises,
    assert_refused,
    assert_succeeds,
    assert_unpickled,
)
from conformance.subjects.interface import Session, Subject
from conformance.suite.helpers.canaries import with_canaries
from conformance.suite.helpers.codec import (
    MAGIC,
    PYTHON,
    copy_in_worker,
    decode_by_route,
    encode_for_route,
    replace_frame,
)
from conformance.suite.helpers.markers import clause, each_entry, each_family, each_route, since
from conformance.suite.helpers.same_name_udfs import function_of, times
from conformance.suite.helpers.samples import (
    KIND,
    build_expression,
    make_functions,
    sample,
    sample_function,
    sample_name,
    strict_session,
)
from conformance.suite.helpers.specimens import Specimen

WAYS = ["from_bytes", "pickle", "copy", "deepcopy"]
each_way = pytest.mark.parametrize("way", WAYS)


def _decode(subject: Subject, way: str, expr: Any, session: Session) -> Any:
    if way in ("copy", "deepcopy"):
        return copy_in_worker(subject, way, expr, session)
    return decode_by_route(subject, way, encode_for_route(subject, way, expr), session)


def _refusal(subject: Subject, family: Family, way: str) -> Exception:
    expr, session = sample(subject, family), strict_session(subject)
    return assert_raises(lambda: _decode(subject, way, expr, session), f"{way} on a strict session")


@clause("STRICT-01")
@each_way
@each_family
def test_refusal_is_an_execution_error(subject: Subject, family: Family, way: str) -> None:
    """A strict session decodes an inline frame twice. Each time it raises an Execution error."""
    expr, session = sample(subject, family), strict_session(subject)
    for what in (way, f"{way} once more"):
        error = assert_raises(partial(_decode, subject, way, expr, session), what)
        assert_error_kind(subject, error, "Execution", what)


@clause("STRICT-01")
@pytest.mark.parametrize("name", NAMES)
def test_any_name(subject: Subject, name: str) -> None:
    """A strict session refuses a UDF with this name, with the error for any other name."""
    data = Specimen("scalar", NAMES[name]).encode(subject, "expression", subject.session())
    decode = partial(subject.from_bytes, data, strict_session(subject))
    reason = ["inlining is disabled on this session"]
    assert_refused(subject, decode, kind="Execution", parts=reason, what="an inline frame")


@clause("STRICT-02")
@each_way
@each_family
def test_refusal_names_the_udf(subject: Subject, family: Family, way: str) -> None:
    """A strict session refuses an inline frame. The error names the UDF as `UDF 'NAME'`."""
    name = f"UDF '{sample_name(family)}'"
    assert_message_contains(_refusal(subject, family, way), [name], way)


@clause("STRICT-02")
@pytest.mark.parametrize("name", NAMED)
def test_refusal_names_any_udf(subject: Subject, name: str) -> None:
    """A strict session refuses a UDF with this name. The error has the whole of it."""
    data = Specimen("scalar", NAMES[name]).encode(subject, "expression", subject.session())
    error = assert_raises(partial(subject.from_bytes, data, strict_session(subject)), "a frame")
    assert_names(error, NAMES[name], "a refusal")


@clause("STRICT-03")
@each_way
@each_family
def test_refusal_names_the_kind(subject: Subject, family: Family, way: str) -> None:
    """A strict session refuses an inline frame. The error names the kind of the UDF."""
    assert_message_contains(_refusal(subject, family, way), [f"inline Python {KIND[family]}"], way)


@clause("STRICT-03")
def test_an_aggregate_is_no_window(subject: Subject) -> None:
    """A strict session refuses an aggregate UDF that is called over a window.

    The error names the kind of the UDF, not that of the call.
    """
    data = subject.to_bytes(build_expression(subject, get("window/aggregate")))
    error = assert_raises(partial(subject.from_bytes, data, strict_session(subject)), "a window")
    assert_message_contains(error, [f"inline Python {KIND['aggregate']}"], "an aggregate UDF")


@clause("STRICT-04")
@each_way
@each_family
def test_refusal_gives_the_reason(subject: Subject, family: Family, way: str) -> None:
    """A strict session refuses an inline frame.

    The error gives the reason: inlining is disabled.
    """
    assert_message_contains(
        _refusal(subject, family, way), ["inlining is disabled on this session"], way
    )


@clause("STRICT-05")
@each_way
@each_family
def test_refusal_gives_the_senders_remedy(subject: Subject, family: Family, way: str) -> None:
    """A strict session refuses an inline frame.

    The error suggests encoding by name and registering the UDF.
    """
    name = sample_name(family)
    parts = ["re-encode with inlining disabled", "by name", f"register '{name}' on this receiver"]
    assert_message_contains(_refusal(subject, family, way), parts, way)


@clause("STRICT-06")
@each_way
@each_family
def test_refusal_gives_the_receivers_remedy(subject: Subject, family: Family, way: str) -> None:
    """A strict session refuses an inline frame.

    The error offers to enable inlining and calls it a risk.
    """
    parts = ["enable inlining on this receiver", "risk"]
    assert_message_contains(_refusal(subject, family, way), parts, way)


@clause("STRICT-07")
@each_route
@each_family
def test_nothing_of_the_payload_runs(subject: Subject, family: Family, route: str) -> None:
    """A strict session refuses a canary payload. The canary records no lookup, import or call."""
    header = MAGIC[family] + bytes((1, *PYTHON))
    data = replace_frame(
        encode_for_route(subject, route, sample(subject, family)),
        lambda _: header + canary.payload(),
    )
    inlining, session = subject.session(), strict_session(subject)
    with canary.recording() as events:
        assert_raises(
            lambda: decode_by_route(subject, route, data, inlining), "a payload that is no tuple"
        )
        assert_unpickled(events, "an inlining session")
    with canary.recording() as events:
        assert_raises(lambda: decode_by_route(subject, route, data, session), "a strict session")
        assert_nothing_unpickled(events, "a strict session")


@clause("STRICT-07")
@each_family
def test_nothing_of_a_pickle_runs(subject: Subject, family: Family) -> None:
    """from_bytes gets a pickle with a canary, and a strict session. The worker slot's inlines."""
    data, strict = with_canaries(pickle.dumps(sample(subject, family))), strict_session(subject)
    subject.set_slot("worker", subject.session())
    with canary.recording() as events:
        assert_raises(partial(subject.from_bytes, data, strict), "a strict session")
        assert_nothing_unpickled(events, "a strict session")


@clause("STRICT-08")
@each_way
@each_family
def test_cloudpickle_loads_is_not_called(subject: Subject, family: Family, way: str) -> None:
    """A strict session refuses an inline frame without calling ``cloudpickle.loads``.

    An inlining session decodes the same, by whichever unpickler.
    """
    expr, session, inlining = sample(subject, family), strict_session(subject), subject.session()
    with canary.spy_on_loads() as loads:
        assert_succeeds(lambda: _decode(subject, way, expr, inlining), "an inlining session")
        loads.reset_mock()
        assert_raises(lambda: _decode(subject, way, expr, session), way)
        assert_not_called(loads, "a strict session")


def _assert_refused_if_strict(subject: Subject, data: bytes, session: Session, what: str) -> None:
    """Assert that a session refuses bytes, and that they decode on it with inlining."""
    inlining = subject.with_inlining(session, True)
    assert_succeeds(partial(subject.from_bytes, data, inlining), what)
    assert_raises(partial(subject.from_bytes, data, session), what)


@clause("STRICT-09")
@each_entry
def test_refused_wherever_it_stands(subject: Subject, entry: str) -> None:
    """Only one frame of an expression stays inline and all UDFs are registered.

    A strict session refuses each such frame.
    """
    expr, session = build_expression(subject, get(entry)), strict_session(subject)
    inline = subject.to_bytes(expr)
    for function in make_functions(subject, get(entry)).values():
        subject.register(session, function)
    found = wire.find(inline)
    for remaining in found:
        alone = wire.remove(inline, [other.path for other in found if other.path != remaining.path])
        _assert_refused_if_strict(subject, alone, session, f"frame {remaining.name}")


@clause("STRICT-09")
@since("55.0.0")  # before, a call over a window had no filter
def test_refused_in_the_filter_of_a_window(subject: Subject) -> None:
    """An aggregate UDF by name is called over a window; its filter calls an inline UDF."""
    udf, inner = times("aggregate", 2), times("scalar", 3, "inner")
    condition = Binary(">", Call(inner, (Col("a"),)), Lit(0))
    call = Call(udf, (Col("a"),), filter=condition, over=Over())
    session = strict_session(subject)
    subject.register(session, function_of(subject, udf))
    expr = subject.expr(call, {one: function_of(subject, one) for one in (udf, inner)})
    data = subject.to_bytes(expr)
    found = wire.find(data)
    assert_control(len(found) == 2, "both UDFs should have a frame", found)
    data = wire.remove(data, [one.path for one in found if one.name == udf.name])
    _assert_refused_if_strict(subject, data, session, "the frame in the filter")


@clause("STRICT-10")
@each_route
@each_family
def test_refused_after_an_inlining_session_decoded(
    subject: Subject, family: Family, route: str
) -> None:
    """An inlining session decodes a frame first.

    Its strict twin and a new strict session still refuse the frame.
    """
    data, inlining = encode_for_route(subject, route, sample(subject, family)), subject.session()
    twin = subject.with_inlining(inlining, False)
    decode_by_route(subject, route, data, inlining)
    for session in (twin, strict_session(subject)):
        assert_raises(partial(decode_by_route, subject, route, data, session), "a strict session")


@clause("STRICT-10")
@each_route
@each_family
def test_refused_after_a_name(subject: Subject, family: Family, route: str) -> None:
    """A strict session decodes a name, first without a registration and then with one.

    It refuses a frame before, in between and afterwards.
    """
    data, session = (
        encode_for_route(subject, route, sample(subject, family)),
        strict_session(subject),
    )
    named = subject.to_bytes(sample(subject, family), strict_session(subject))
    decode_frame = partial(decode_by_route, subject, route, data, session)
    assert_raises(decode_frame, "at first")
    assert_raises(partial(subject.from_bytes, named, session), "a name that is not registered")
    assert_raises(decode_frame, "after a name that is not registered")
    subject.register(session, sample_function(subject, family))
    subject.from_bytes(named, session)
    assert_raises(decode_frame, "after a name that is registered")


@clause("STRICT-11")
@each_route
@each_family
def test_refused_though_registered(subject: Subject, family: Family, route: str) -> None:
    """A strict session has the same UDF registered. It still refuses the inline frame."""
    data, session = (
        encode_for_route(subject, route, sample(subject, family)),
        strict_session(subject),
    )
    subject.register(session, sample_function(subject, family))
    inlining = subject.with_inlining(session, True)
    assert_succeeds(lambda: decode_by_route(subject, route, data, inlining), "an inlining session")
    assert_raises(lambda: decode_by_route(subject, route, data, session), "a registered UDF")


@clause("STRICT-12")
@each_family
def test_strict_through_the_toggle(subject: Subject, family: Family) -> None:
    """A strict session is toggled off, on and off.

    It refuses, decodes and refuses an inline frame.
    """
    data, session = subject.to_bytes(sample(subject, family)), strict_session(subject)
    for enabled in (False, True, False):
        session = subject.with_inlining(session, enabled)
        if enabled:
            assert_succeeds(partial(subject.from_bytes, data, session), "an inlining session")
        else:
            assert_raises(partial(subject.from_bytes, data, session), "a strict session")
