"""Threads: eight of them encode, decode, toggle and register at once."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from conformance import wire
from conformance.catalogue.nodes import Family
from conformance.runner.assertions import (
    assert_equal,
    assert_message_contains,
    assert_raises,
    assert_result,
    assert_same_bytes,
    assert_succeeds,
    assert_true,
)
from conformance.subjects.interface import Session, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.decode_worker import another_process
from conformance.suite.helpers.markers import clause, each_family, each_layer, each_receiver
from conformance.suite.helpers.same_name_udfs import (
    call_of,
    decode_and_evaluate,
    encode_call_by_name,
    evaluate_rows,
    expected_values,
    function_holding,
    function_of,
    query_of,
    times,
)
from conformance.suite.helpers.samples import plans, receiver, sample, strict_session
from conformance.suite.helpers.threads import ROUNDS, THREADS, run_together, session_with
from conformance.util.kinds import indicates_bug

MODES = ("inlining", "strict")


def _mode(number: int) -> str:
    """Return a thread's mode: every second thread is strict."""
    return MODES[number % 2]


@clause("THREAD-05")
@each_family
def test_encoding(subject: Subject, family: Family) -> None:
    """Eight threads encode UDFs of one name, half of them by name, at the same time.

    Each writes the bytes that it writes alone.
    """
    exprs = [call_of(subject, times(family, number + 2)) for number in range(THREADS)]
    alone = [subject.to_bytes(expr, receiver(subject, _mode(n))) for n, expr in enumerate(exprs)]
    assert_equal([len(wire.find(data)) for data in alone], [1, 0] * (THREADS // 2), "the frames")

    def work(number: int) -> None:
        session = receiver(subject, _mode(number))
        for _ in range(ROUNDS):
            data = subject.to_bytes(exprs[number], session)
            assert_same_bytes(data, alone[number], f"times {number + 2}, {_mode(number)}")

    run_together(work)


@clause("THREAD-06")
@each_family
def test_encoding_one_expression(subject: Subject, family: Family) -> None:
    """Eight threads encode one expression to the same bytes."""
    expr = sample(subject, family)
    alone, named = subject.to_bytes(expr), subject.to_bytes(expr, strict_session(subject))

    def work(_: int) -> None:
        session = strict_session(subject)
        for _ in range(ROUNDS):
            assert_same_bytes(subject.to_bytes(expr), alone, "inline")
            assert_same_bytes(subject.to_bytes(expr, session), named, "by name")

    run_together(work)


@clause("THREAD-07")
@each_receiver
@each_family
def test_decoding_a_name(subject: Subject, family: Family, mode: str) -> None:
    """Each thread decodes the same bytes to the UDF that its own session has registered."""
    data = encode_call_by_name(subject, times(family, 1))

    def work(number: int) -> None:
        session = session_with(subject, times(family, number + 2), mode)
        for _ in range(ROUNDS):
            seen = decode_and_evaluate(subject, family, data, session)
            assert_result(seen, expected_values(family, number + 2), f"times {number + 2}")

    run_together(work)


@clause("THREAD-08")
@each_family
def test_decoding_frames(subject: Subject, family: Family) -> None:
    """Eight threads decode frames, four of them with strict sessions, at the same time.

    Each of the four refuses its frame; each other one gets its own UDF.
    """
    data = [subject.to_bytes(call_of(subject, times(family, n + 2))) for n in range(THREADS)]

    def work(number: int) -> None:
        session = session_with(subject, times(family, 1), _mode(number))
        for _ in range(ROUNDS):
            if _mode(number) == "inlining":
                seen = decode_and_evaluate(subject, family, data[number], session)
                assert_result(seen, expected_values(family, number + 2), f"times {number + 2}")
            else:
                decode = partial(subject.from_bytes, data[number], session)
                assert_raises(decode, f"thread {number}")

    run_together(work)


@clause("THREAD-09")
@each_family
def test_one_session(subject: Subject, family: Family) -> None:
    """Eight threads decode UDFs of one name, inline and by name, on one session.

    Each gets its own UDF inline, and the registered one by name.
    """
    session = session_with(subject, times(family, 1), "inlining")
    named = encode_call_by_name(subject, times(family, 1))

    def work(number: int) -> None:
        data = subject.to_bytes(call_of(subject, times(family, number + 2)), session)
        for _ in range(ROUNDS):
            seen = decode_and_evaluate(subject, family, data, session)
            assert_result(seen, expected_values(family, number + 2), f"times {number + 2}")
            seen = decode_and_evaluate(subject, family, named, session)
            assert_result(seen, expected_values(family, 1), "by name")

    run_together(work)


@clause("THREAD-10")
@each_family
def test_slots(subject: Subject, family: Family) -> None:
    """Each thread pickles by its sender slot and unpickles by its worker slot."""
    named = encode_call_by_name(subject, times(family, 1))
    session = subject.session()

    def work(number: int) -> None:
        subject.set_slot("sender", receiver(subject, _mode(number)))
        subject.set_slot("worker", session_with(subject, times(family, number + 2), "inlining"))
        expr = call_of(subject, times(family, 20 + number))
        for _ in range(ROUNDS):
            data = pickle.dumps(expr)
            assert_equal(len(wire.find(data)), int(_mode(number) == "inlining"), "the frames")
            factor = 20 + number if _mode(number) == "inlining" else number + 2
            again = (pickle.loads(data), factor), (subject.from_bytes(named), number + 2)
            for decoded, wanted in again:
                seen = evaluate_rows(subject, family, decoded, session)
                assert_result(seen, expected_values(family, wanted), f"times {wanted}")

    run_together(work)


@clause("THREAD-11")
@each_layer
@each_family
def test_plans(subject: Subject, family: Family, layer: Layer) -> None:
    """Each thread's plan, inline or by name, runs the thread's own UDF."""
    capability = plans(subject)

    def work(number: int) -> None:
        udf = times(family, number + 2)
        sender, worker = receiver(subject, _mode(number)), receiver(subject, _mode(number))
        subject.register(worker, function_of(subject, udf))
        functions = {udf: function_of(subject, udf)}
        plan = capability.plan(sender, layer, query_of(udf), functions, Path())
        for _ in range(ROUNDS // 2):
            data = capability.to_bytes(plan, sender)
            assert_equal(bool(wire.find(data)), _mode(number) == "inlining", "a frame in the plan")
            table = capability.execute(worker, capability.from_bytes(layer, worker, data))
            seen = sorted(table.column("v").to_pylist())
            assert_result(seen, expected_values(family, number + 2), f"times {number + 2}")

    run_together(work)


@clause("THREAD-12")
def test_toggles(subject: Subject) -> None:
    """Eight threads turn inlining off and on from one session, without affecting each other."""
    session, expr = subject.session(), sample(subject, "scalar")
    data = subject.to_bytes(expr)

    def work(number: int) -> None:
        for turn in range(ROUNDS):
            enabled = bool((number + turn) % 2)
            derived = subject.with_inlining(session, enabled)
            frames = len(wire.find(subject.to_bytes(expr, derived)))
            assert_equal(frames, int(enabled), "the frames that a derived session writes")
            if enabled:
                assert_succeeds(partial(subject.from_bytes, data, derived), "inlining")
            else:
                assert_raises(partial(subject.from_bytes, data, derived), "strict")

    run_together(work)
    assert_same_bytes(subject.to_bytes(expr, session), data, "the session itself")


def _while_registering(
    subject: Subject,
    family: Family,
    over: Event,
    register: Callable[[Session], None],
    decode_once: Callable[..., Any],
) -> None:
    """Change a registration in one thread while all others decode."""
    data = encode_call_by_name(subject, times(family, 1))
    session = session_with(subject, times(family, 2), "inlining")

    def work(number: int) -> None:
        if number == 0:
            try:
                for _ in range(2 * ROUNDS):
                    if not over.is_set():
                        register(session)
            finally:
                over.set()
            return
        decode_once(data, session)
        while not over.is_set():
            decode_once(data, session)

    run_together(work)
    seen = decode_and_evaluate(subject, family, data, session)
    assert_result(seen, expected_values(family, 2), "the last registration")


@clause("THREAD-13")
@each_family
def test_registering_anew(subject: Subject, family: Family) -> None:
    """While one UDF replaces another under its name, a thread decodes the name.

    It gets one of the two.
    """
    two, three = (function_of(subject, times(family, factor)) for factor in (2, 3))

    def register(session: Session) -> None:
        subject.register(session, three)
        subject.register(session, two)

    def decode_once(data: bytes, session: Session) -> None:
        seen = assert_succeeds(
            lambda: decode_and_evaluate(subject, family, data, session), "decoding"
        )
        both = [expected_values(family, factor) for factor in (2, 3)]
        assert_true(seen in both, "neither of the two functions", seen)

    _while_registering(subject, family, Event(), register, decode_once)


@clause("THREAD-14")
@each_family
def test_taking_away(subject: Subject, family: Family) -> None:
    """While a registration comes and goes, a thread gets the UDF or an error with its name."""
    two, missed, over = function_of(subject, times(family, 2)), Event(), Event()

    def register(session: Session) -> None:
        subject.deregister(session, two)
        missed.clear()
        if not over.is_set():
            assert_true(missed.wait(5), "no other thread misses what is not registered")
        subject.register(session, two)

    def decode_once(data: bytes, session: Session) -> None:
        try:
            decode_or_miss(data, session)
        except Exception:
            over.set()
            missed.set()
            raise

    def decode_or_miss(data: bytes, session: Session) -> None:
        try:
            expr = subject.from_bytes(data, session)
        except Exception as error:
            if indicates_bug(error):
                raise
            assert_message_contains(error, ["times"], "decoding")
            missed.set()
            return
        seen = evaluate_rows(subject, family, expr, session)
        assert_result(seen, expected_values(family, 2), "the result")

    _while_registering(subject, family, over, register, decode_once)


@clause("THREAD-15")
def test_first_use(subject: Subject) -> None:  # noqa: ARG001 - the peer has one of its own
    """Eight threads use UDFs first in a new process; none waits forever for another's import."""
    with another_process() as peer:
        peer.call("conformance.suite.helpers.threads:run_first_use", deadline=15)


@clause("THREAD-16")
@each_family
def test_expressions_in_closures(subject: Subject, family: Family) -> None:
    """Each thread decodes a UDF that holds an expression with another UDF, and runs it."""

    def work(number: int) -> None:
        held = sample(subject, family)
        udf = times(family, number + 2)
        function = function_holding(subject, udf, held)
        data = subject.to_bytes(call_of(subject, udf, function))
        session = subject.session()
        for _ in range(ROUNDS):
            seen = decode_and_evaluate(subject, family, data, session)
            assert_result(seen, expected_values(family, number + 2), f"times {number + 2}")

    run_together(work)
