"""Callables that cannot be inlined: errors on the sender, in expressions and in plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from conformance import wire
from conformance.catalogue.nodes import Binary, Call, Col, Family, Udf
from conformance.catalogue.query import Group, Query, Select
from conformance.catalogue.source import compile_udf
from conformance.runner.assertions import (
    Mismatch,
    assert_equal,
    assert_message_contains,
    assert_names,
    assert_raises,
    assert_result,
    assert_same_bytes,
    assert_succeeds,
)
from conformance.subjects.interface import Function, Session, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.markers import at_artifacts, clause, each_family
from conformance.suite.helpers.same_name_udfs import (
    RESULTS,
    evaluate_rows,
    function_of,
    query_of,
    times,
)
from conformance.suite.helpers.samples import make_locked, plans, strict_session
from conformance.suite.helpers.unpicklable import (
    INTERRUPTS,
    REASONS,
    InterruptsUnpickling,
    RefusesPickling,
    no_pickler,
    unpicklable,
)

TIMES_TWO: dict[Family, list[int]] = {"scalar": [2, 4, 6], "aggregate": [12], "window": [2, 4, 6]}
"""The results of the sender's function for 1, 2, 3; the receiver's function multiplies by 7."""

LAYERS: dict[str, Layer | None] = {"expression": None, "logical": "logical", "physical": "physical"}

each_layer = pytest.mark.parametrize("layer", at_artifacts(LAYERS))
each_interrupt = pytest.mark.parametrize("kind", list(INTERRUPTS))


def _make_encoder(
    subject: Subject,
    layer: str,
    query: Query,
    functions: Mapping[Udf, Function],
    session: Session | None = None,
) -> Callable[[], bytes]:
    """Return a call that encodes the query, or the expression in it, and does nothing else."""
    session = subject.session() if session is None else session
    kind = LAYERS[layer]
    if kind is None:
        (step,) = query.steps
        ((_, call),) = step.values if isinstance(step, Group) else cast("Select", step).columns
        expr = subject.expr(call, functions)
        return lambda: subject.to_bytes(expr, session)
    plan = plans(subject).plan(session, kind, query, functions, Path())
    return lambda: plans(subject).to_bytes(plan, session)


def _decode(subject: Subject, layer: str, data: bytes, session: Session) -> Any:
    kind = LAYERS[layer]
    if kind is None:
        return subject.from_bytes(data, session)
    return plans(subject).from_bytes(kind, session, data)


def _run_decoded(
    subject: Subject, layer: str, family: Family, data: bytes, session: Session
) -> Any:
    """Return the result of the decoded query."""
    decoded = _decode(subject, layer, data, session)
    if LAYERS[layer] is None:
        return evaluate_rows(subject, family, decoded, session)
    return sorted(plans(subject).execute(session, decoded).column(0).to_pylist())


@each_family
@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize(
    "layer",
    [
        pytest.param(layer, marks=clause(f"ENCODE-{number:02}"))
        for number, layer in enumerate(LAYERS, 1)
    ],
)
def test_unpicklable(subject: Subject, family: Family, layer: str, reason: str) -> None:
    """The callable cannot be pickled for one of several reasons.

    Encoding raises an error; the same callable without the reason is encoded.
    """
    udf = times(family, 2)
    plain = {udf: function_of(subject, udf)}
    assert_succeeds(_make_encoder(subject, layer, query_of(udf), plain), "a callable that pickles")
    with unpicklable(subject, reason, compile_udf(udf, subject.bases)) as function:
        encode = _make_encoder(
            subject, layer, query_of(udf), {udf: subject.function(udf, function)}
        )
        # Picklers raise errors of several types for objects that they cannot pickle.
        assert_raises(encode, reason, any_error=True)


@clause("ENCODE-04")
@each_layer
@each_family
def test_error_names_the_udf(subject: Subject, family: Family, layer: str) -> None:
    """Pickling the callable raises an error. That of the encoder has its text, and the UDF's name.

    Whichever pickler it is, the text is the reason that it gives.
    """
    udf = replace(times(family, 2), name="the_held_one")
    reason = "this one is held elsewhere"
    refuses = RefusesPickling(compile_udf(udf, subject.bases), ValueError(reason))
    encode = _make_encoder(subject, layer, query_of(udf), {udf: subject.function(udf, refuses)})
    error = assert_raises(encode, "a callable that refuses", any_error=True)
    assert_message_contains(error, [reason], "a callable that refuses")
    assert_names(error, udf.name, "a callable that refuses")


def _assert_interrupted(call: Callable[[], Any], kind: str, what: str) -> None:
    """Assert that ``call`` raises the interrupt ``kind``, not an ordinary error."""
    try:
        result = call()
    except tuple(INTERRUPTS.values()) as interrupt:
        assert_equal(type(interrupt).__name__, kind, what, kind="wrong-error-kind")
    except Exception as error:
        seen = f"{type(error).__name__}: {error}"
        message = f"{what}: an ordinary error instead of the interrupt"
        raise Mismatch("wrong-error-kind", message, kind, seen) from error
    else:
        raise Mismatch("no-error", f"{what}: no error", kind, f"the result {result!r}")


@clause("ENCODE-05")
@each_interrupt
@each_layer
def test_interrupted_pickling(subject: Subject, layer: str, kind: str) -> None:
    """An interrupt is raised during pickling. It propagates to the sender."""
    udf = times("scalar", 2)
    refuses = RefusesPickling(compile_udf(udf, subject.bases), INTERRUPTS[kind]())
    encode = _make_encoder(subject, layer, query_of(udf), {udf: subject.function(udf, refuses)})
    _assert_interrupted(encode, kind, "an interrupt while pickling")


@clause("ENCODE-06")
@each_interrupt
@each_layer
def test_interrupted_unpickling(subject: Subject, layer: str, kind: str) -> None:
    """An interrupt is raised during unpickling. It propagates to the receiver."""
    udf, session = times("scalar", 2), subject.session()
    stops = InterruptsUnpickling(compile_udf(udf, subject.bases), kind)
    data = _make_encoder(subject, layer, query_of(udf), {udf: subject.function(udf, stops)})()
    decode = partial(_decode, subject, layer, data, session)
    _assert_interrupted(decode, kind, "an interrupt while unpickling")


@clause("ENCODE-07")
@each_layer
@each_family
def test_no_namesake_steps_in(subject: Subject, family: Family, layer: str) -> None:
    """The sender's callable holds a lock, and the receiver has a UDF of that name.

    The receiver's UDF must not run instead.
    """
    udf, session = times(family, 2), subject.session()
    subject.register(session, function_of(subject, times(family, 7)))
    functions = {udf: subject.function(udf, make_locked(subject, udf))}
    encode = _make_encoder(subject, layer, query_of(udf), functions)
    try:
        data = encode()
    except Exception:  # noqa: BLE001 - other cases check that it is an error
        return
    seen = _run_decoded(subject, layer, family, data, session)
    assert_result(seen, TIMES_TWO[family], "the sender's function")


@clause("ENCODE-08")
@each_layer
def test_beside_another(subject: Subject, layer: str) -> None:
    """One of two UDFs in an expression holds a lock.

    Encoding raises an error; without the lock it succeeds.
    """
    two, locked_udf = times("scalar", 2), times("scalar", 7, "held")
    node = Binary("+", Call(two, (Col("a"),)), Call(locked_udf, (Col("a"),)))
    functions = {
        two: function_of(subject, two),
        locked_udf: subject.function(locked_udf, make_locked(subject, locked_udf)),
    }
    encode = _make_encoder(subject, layer, query_of(two, node), functions)
    assert_raises(encode, "a lock", any_error=True)
    plain = {udf: function_of(subject, udf) for udf in functions}
    assert_succeeds(_make_encoder(subject, layer, query_of(two, node), plain), "without the lock")


@clause("ENCODE-09")
@each_layer
@each_family
def test_encoded_later(subject: Subject, family: Family, layer: str) -> None:
    """Pickling a callable fails first and works later.

    The second encoding is inline, and the UDF runs.
    """
    udf = times(family, 7)
    refuses = RefusesPickling(compile_udf(udf, subject.bases), ValueError("not yet"))
    encode = _make_encoder(subject, layer, query_of(udf), {udf: subject.function(udf, refuses)})
    with suppress(Exception):
        encode()
    refuses.error = None
    data = assert_succeeds(encode, "a callable that pickles")
    assert_equal([found.name for found in wire.find(data)], ["times"], "the UDFs with frames")
    seen = _run_decoded(subject, layer, family, data, subject.session())
    assert_result(seen, RESULTS[family], "the result")


@clause("ENCODE-10")
@each_layer
@each_family
def test_strict_pickles_nothing(subject: Subject, family: Family, layer: str) -> None:
    """A strict session encodes a call without a pickler.

    It writes the same bytes as with one: only the name.
    """
    udf, session = times(family, 7), strict_session(subject)
    encode = _make_encoder(subject, layer, query_of(udf), {udf: function_of(subject, udf)}, session)
    before = encode()
    with no_pickler():
        data = assert_succeeds(encode, "a strict session")
    assert_equal(wire.find(data), [], "the frames in the bytes")
    assert_same_bytes(data, before, "a strict session")
    subject.register(session, function_of(subject, udf))
    assert_result(
        _run_decoded(subject, layer, family, data, session), RESULTS[family], "the result"
    )
