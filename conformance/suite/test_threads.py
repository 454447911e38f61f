"""Slots in thread pools and asyncio tasks, and eight threads that encode and decode at once."""

from __future__ import annotations

import asyncio
import contextvars
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier, Event, get_ident
from typing import Any

import pytest

from conformance import wire
from conformance.catalogue.nodes import Binary, Call, Col, Family, Udf
from conformance.runner.assertions import (
    assert_equal,
    assert_message_contains,
    assert_raises,
    assert_result,
    assert_same_bytes,
    assert_succeeds,
    assert_true,
)
from conformance.subjects.interface import Expression, Session, Slot, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.codec import slot_mode
from conformance.suite.helpers.decode_worker import another_process
from conformance.suite.helpers.interrupting import Interrupting, interrupted_by, interruptible
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
from conformance.suite.helpers.threads import ROUNDS, THREADS, run_together
from conformance.util.kinds import indicates_bug

each_slot = pytest.mark.parametrize("slot", ["sender", "worker"])

MODES = ("inlining", "strict")


def _mode(number: int) -> str:
    """Return a thread's mode: every second thread is strict."""
    return MODES[number % 2]


def _session_with(subject: Subject, udf: Udf, mode: str) -> Session:
    """Return a new session on which ``udf`` is registered."""
    session = receiver(subject, mode)
    subject.register(session, function_of(subject, udf))
    return session


@clause("THREAD-01")
@each_slot
def test_pool_initializer(subject: Subject, slot: Slot) -> None:
    """Both threads of a pool keep the initializer's session in all tasks."""
    session, barrier = strict_session(subject), Barrier(2, timeout=10)

    def task(_: int) -> tuple[bool, str, int]:
        barrier.wait()
        return subject.get_slot(slot) is session, slot_mode(subject, slot), get_ident()

    with ThreadPoolExecutor(2, initializer=subject.set_slot, initargs=(slot, session)) as pool:
        seen = list(pool.map(task, range(6)))
    assert_equal(len({thread for _, _, thread in seen}), 2, "the number of threads")
    assert_equal(
        {task_seen[:2] for task_seen in seen}, {(True, "strict")}, "the slot and what the tasks do"
    )
    assert_equal(subject.get_slot(slot), None, "the slot of the thread that made the pool")


@clause("THREAD-02")
@each_slot
def test_pool_tasks(subject: Subject, slot: Slot) -> None:
    """A pool's thread keeps what a task set; the thread of another pool stays empty."""
    session = strict_session(subject)
    with ThreadPoolExecutor(1) as first, ThreadPoolExecutor(1) as second:
        assert_equal(second.submit(subject.get_slot, slot).result(), None, "a thread before")
        first.submit(subject.set_slot, slot, session).result()
        for _ in range(2):
            kept = first.submit(subject.get_slot, slot).result()
            assert_true(kept is session, "the thread lost the session", kept)
            assert_equal(first.submit(slot_mode, subject, slot).result(), "strict", "the thread")
            assert_equal(second.submit(subject.get_slot, slot).result(), None, "another thread")
            assert_equal(
                second.submit(slot_mode, subject, slot).result(), "inlining", "another thread"
            )
        first.submit(subject.clear_slot, slot).result()
        assert_equal(first.submit(slot_mode, subject, slot).result(), "inlining", "after clearing")


@clause("THREAD-03")
@each_slot
def test_asyncio_tasks(subject: Subject, slot: Slot) -> None:
    """A task sets the slot; another task, with a context of its own, and the caller see it."""
    session = strict_session(subject)

    async def main() -> tuple[Any, str]:
        done = asyncio.Event()

        async def sets() -> None:
            subject.set_slot(slot, session)
            done.set()

        async def sees() -> tuple[Any, str]:
            await done.wait()
            return subject.get_slot(slot), slot_mode(subject, slot)

        seen = asyncio.create_task(sees())
        await asyncio.create_task(sets())
        return await seen

    kept, does = asyncio.run(main())
    assert_true(kept is session, "another task does not see the session", kept)
    assert_equal(does, "strict", "what another task does")
    assert_true(subject.get_slot(slot) is session, "the loop's thread lost the session")


@clause("THREAD-04")
@pytest.mark.parametrize("way", ["to_thread", "executor", "initialized"])
@each_slot
def test_asyncio_threads(subject: Subject, slot: Slot, way: str) -> None:
    """A task with a strict session in its slot runs work in another thread."""
    session, carried = strict_session(subject), contextvars.ContextVar("carried", default="lost")

    def work() -> tuple[Any, str, str]:
        return subject.get_slot(slot), slot_mode(subject, slot), carried.get()

    async def main() -> tuple[Any, str, str]:
        subject.set_slot(slot, strict_session(subject))
        carried.set("carried")
        if way == "to_thread":
            return await asyncio.to_thread(work)
        given = partial(subject.set_slot, slot, session) if way == "initialized" else None
        with ThreadPoolExecutor(1, initializer=given) as pool:
            return await asyncio.get_running_loop().run_in_executor(pool, work)

    kept, does, context = asyncio.run(main())
    assert_equal(context, "carried" if way == "to_thread" else "lost", "a context variable")
    assert_true(kept is (session if way == "initialized" else None), "the slot", kept)
    assert_equal(does, "strict" if way == "initialized" else "inlining", "what the thread does")


@clause("THREAD-05")
@each_family
def test_encoding(subject: Subject, family: Family) -> None:
    """Each thread encodes a UDF of its own; all have one name, and half are encoded by name."""
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
        session = _session_with(subject, times(family, number + 2), mode)
        for _ in range(ROUNDS):
            seen = decode_and_evaluate(subject, family, data, session)
            assert_result(seen, expected_values(family, number + 2), f"times {number + 2}")

    run_together(work)


@clause("THREAD-08")
@each_family
def test_decoding_frames(subject: Subject, family: Family) -> None:
    """Every second thread gets its own UDF, the others are refused, in every round."""
    data = [subject.to_bytes(call_of(subject, times(family, n + 2))) for n in range(THREADS)]

    def work(number: int) -> None:
        session = _session_with(subject, times(family, 1), _mode(number))
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
    """Eight threads decode and run UDFs of one name, inline and by name, on one session."""
    session = _session_with(subject, times(family, 1), "inlining")
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
        subject.set_slot("worker", _session_with(subject, times(family, number + 2), "inlining"))
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
    session = _session_with(subject, times(family, 2), "inlining")

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
    """Times 2 becomes times 3 and back: another thread gets one of the two."""
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


each_place = pytest.mark.parametrize("place", ["this-thread", "another-thread"])


def _interrupted(subject: Subject, family: Family) -> Expression:
    """Return times + first + times; the callable of the one in the middle can be interrupted."""
    twice, first = times(family, 2), times(family, 10, "first")
    functions = {
        twice: function_of(subject, twice),
        first: function_holding(subject, first, Interrupting()),
    }
    outer, inner = Call(twice, (Col("a"),)), Call(first, (Col("a"),))
    return subject.expr(Binary("+", Binary("+", outer, inner), outer), functions)


@clause("THREAD-17")
@each_place
@each_receiver
@each_family
def test_a_decode_within_a_decode(subject: Subject, family: Family, mode: str, place: str) -> None:
    """The payload of a message decodes another one by a session of its own: by name, times 3.

    The calls by name before it and after it are times 5, by the session of the message.
    """
    session = _session_with(subject, times(family, 5), "inlining")
    other = _session_with(subject, times(family, 3), mode)
    named = encode_call_by_name(subject, times(family, 1))
    data = subject.to_bytes(_interrupted(subject, family))
    before, _, after = wire.find(data)
    data = wire.remove(data, [before.path, after.path])
    decode = partial(decode_and_evaluate, subject, family, named, other)
    with interrupted_by(decode, in_thread=place == "another-thread") as seen:
        expr = subject.from_bytes(data, session)
    assert_result(seen, [expected_values(family, 3)], "the decode within")
    values = evaluate_rows(subject, family, expr, session)
    assert_result(values, expected_values(family, 20), "5 + 10 + 5 times")


@clause("THREAD-17")
@each_place
@each_family
def test_an_unpickling_within_an_unpickling(subject: Subject, family: Family, place: str) -> None:
    """The payload of a message decodes a frame, times 3, on a session of its own."""
    data = subject.to_bytes(_interrupted(subject, family))
    framed, session = subject.to_bytes(call_of(subject, times(family, 3))), subject.session()
    decode = partial(decode_and_evaluate, subject, family, framed, subject.session())
    with interrupted_by(decode, in_thread=place == "another-thread") as seen:
        expr = subject.from_bytes(data, session)
    assert_result(seen, [expected_values(family, 3)], "the decode within")
    values = evaluate_rows(subject, family, expr, session)
    assert_result(values, expected_values(family, 14), "2 + 10 + 2 times")


@clause("THREAD-18")
@each_place
@each_receiver
@each_family
def test_an_encode_within_an_encode(
    subject: Subject, family: Family, mode: str, place: str
) -> None:
    """While a callable is pickled, a session of its own encodes another expression."""
    expr, other = _interrupted(subject, family), sample(subject, family)
    alone, session = subject.to_bytes(expr), receiver(subject, mode)
    encode = partial(subject.to_bytes, other, session)
    with interrupted_by(encode, in_thread=place == "another-thread") as seen:
        data = subject.to_bytes(expr)
    assert_equal(seen, [encode()], "the encode within")
    assert_same_bytes(data, alone, "the expression whose encoding was interrupted")


@clause("THREAD-17")
@each_place
@each_receiver
@each_family
def test_a_decode_within_an_encode(subject: Subject, family: Family, mode: str, place: str) -> None:
    """While a callable is pickled, a session of its own decodes a name: times 3."""
    expr, other = _interrupted(subject, family), _session_with(subject, times(family, 3), mode)
    alone, named = subject.to_bytes(expr), encode_call_by_name(subject, times(family, 1))
    decode = partial(decode_and_evaluate, subject, family, named, other)
    with interrupted_by(decode, in_thread=place == "another-thread") as seen:
        data = subject.to_bytes(expr)
    assert_result(seen, [expected_values(family, 3)], "the decode within")
    assert_same_bytes(data, alone, "the expression whose encoding was interrupted")


@clause("THREAD-18")
@each_place
@each_receiver
@each_family
def test_an_encode_within_a_decode(subject: Subject, family: Family, mode: str, place: str) -> None:
    """While a callable is unpickled, a session of its own encodes another expression."""
    data, other = subject.to_bytes(_interrupted(subject, family)), sample(subject, family)
    encode, session = partial(subject.to_bytes, other, receiver(subject, mode)), subject.session()
    with interrupted_by(encode, in_thread=place == "another-thread") as seen:
        expr = subject.from_bytes(data, session)
    assert_equal(seen, [encode()], "the encode within")
    values = evaluate_rows(subject, family, expr, session)
    assert_result(values, expected_values(family, 14), "2 + 10 + 2 times")


@clause("THREAD-19")
@each_place
@each_family
def test_coding_while_a_udf_runs(subject: Subject, family: Family, place: str) -> None:
    """A UDF encodes an expression, and decodes the bytes of one, while it runs."""
    udf, other, session = times(family, 7), call_of(subject, times(family, 3)), subject.session()
    data, expr = subject.to_bytes(other), call_of(subject, udf, interruptible(subject, udf))

    def code() -> tuple[bytes, Expression]:
        return subject.to_bytes(other), subject.from_bytes(data, session)

    with interrupted_by(code, in_thread=place == "another-thread") as seen:
        values = evaluate_rows(subject, family, expr, subject.session())
    assert_result(values, expected_values(family, 7), "the UDF that runs")
    assert_equal([written for written, _ in seen], [data], "the bytes that it wrote")
    values = evaluate_rows(subject, family, seen[0][1], session)
    assert_result(values, expected_values(family, 3), "the expression that it decoded")


@clause("THREAD-20")
@each_place
@each_family
def test_registering_within_a_decode(subject: Subject, family: Family, place: str) -> None:
    """While a callable is unpickled, a UDF is registered on the session that decodes."""
    session, udf = subject.session(), times(family, 3, "late")
    register = partial(subject.register, session, function_of(subject, udf))
    data = subject.to_bytes(_interrupted(subject, family))
    with interrupted_by(register, in_thread=place == "another-thread"):
        expr = subject.from_bytes(data, session)
    values = evaluate_rows(subject, family, expr, session)
    assert_result(values, expected_values(family, 14), "2 + 10 + 2 times")
    named = encode_call_by_name(subject, udf)
    values = decode_and_evaluate(subject, family, named, session)
    assert_result(values, expected_values(family, 3), "the UDF that was registered")
