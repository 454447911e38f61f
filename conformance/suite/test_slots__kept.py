"""Slots: each belongs to its thread, keeps its session, and no work changes it."""

from __future__ import annotations

import _thread
import gc
import pickle
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from conformance.runner.assertions import assert_equal, assert_raises, assert_succeeds, assert_true
from conformance.subjects.interface import Expression, Session, Slot, Subject
from conformance.subjects.plans import Layer
from conformance.suite.helpers.codec import slot_mode
from conformance.suite.helpers.markers import SLOTS, clause, each_slot, needs
from conformance.suite.helpers.plans import SAMPLES, encode_plan, make_plan
from conformance.suite.helpers.same_name_udfs import (
    ROWS,
    call_of,
    encode_call_by_name,
    function_of,
    times,
)
from conformance.suite.helpers.samples import (
    make_locked,
    plans,
    receiver,
    sample,
    strict_session,
)
from conformance.suite.helpers.unpicklable import unpicklable


def _start(thread: threading.Thread) -> threading.Thread:
    thread.start()
    return thread


_THREADS: dict[str, Callable[[Callable[[], None]], Any]] = {
    "thread": lambda run: _start(threading.Thread(target=run)),
    "timer": lambda run: _start(threading.Timer(0, run)),
    "bare": lambda run: _thread.start_new_thread(run, ()),
    "pool": lambda run: ThreadPoolExecutor(1).submit(run),
}
"""The ways to start a thread."""


def _run_in_thread(work: Callable[[], Any], way: str = "thread") -> Any:
    """Return the result of ``work`` in a new thread, or raise its exception."""
    result: list[Any] = []
    error: list[Exception] = []

    def run() -> None:
        try:
            result.append(work())
        except Exception as raised:  # noqa: BLE001 - raised again in the case's thread
            error.append(raised)
        ended.set()

    ended = threading.Event()
    started = _THREADS[way](run)
    ended.wait()
    if isinstance(started, threading.Thread):
        started.join()
    if error:
        raise error[0]
    return result[0]


@clause("SLOT-15")
@pytest.mark.parametrize("way", _THREADS)
@each_slot
def test_a_new_thread_starts_empty(subject: Subject, slot: Slot, way: str) -> None:
    """A new thread sees no slot of its parent or of an earlier thread."""
    run = partial(_run_in_thread, way=way)
    subject.set_slot(slot, strict_session(subject))
    run(lambda: subject.set_slot(slot, strict_session(subject)))
    assert_equal(run(lambda: subject.get_slot(slot)), None, "the slot in a new thread")
    assert_equal(run(lambda: slot_mode(subject, slot)), "inlining", "what the thread does")


@clause("SLOT-16")
@pytest.mark.parametrize("act", ["set", "clear"])
@each_slot
def test_threads_do_not_touch(subject: Subject, slot: Slot, act: str) -> None:
    """A thread that sets or clears its slot leaves its parent's slot unchanged."""
    session = strict_session(subject)
    subject.set_slot(slot, session)
    if act == "set":
        _run_in_thread(lambda: subject.set_slot(slot, subject.session()))
    else:
        _run_in_thread(lambda: subject.clear_slot(slot))
    assert_true(subject.get_slot(slot) is session, "the slot of the parent")
    assert_equal(slot_mode(subject, slot), "strict", "what the parent does")


@clause("SLOT-20")
@each_slot
def test_threads_of_one_name(subject: Subject, slot: Slot) -> None:
    """Two threads have one name, and a session each. Each has its own in its slot."""
    barrier = threading.Barrier(2, timeout=10)

    def work(mode: str) -> str:
        threading.current_thread().name = "worker"
        subject.set_slot(slot, receiver(subject, mode))
        barrier.wait()
        return slot_mode(subject, slot)

    with ThreadPoolExecutor(2) as pool:
        seen = list(pool.map(work, ["strict", "inlining"]))
    assert_equal(seen, ["strict", "inlining"], "the sessions of the threads")


@clause("SLOT-15")
@each_slot
def test_threads_one_after_another(subject: Subject, slot: Slot) -> None:
    """Twenty threads of one name, one after another, set the slot.

    Each finds it empty at first, even if it has the number of an earlier thread.
    """
    found = []

    def work() -> None:
        found.append(subject.get_slot(slot))
        subject.set_slot(slot, strict_session(subject))

    for _ in range(20):
        thread = threading.Thread(target=work, name="worker")
        thread.start()
        thread.join()
    assert_equal(found, [None] * 20, "the slots of new threads")


@clause("SLOT-17")
@pytest.mark.parametrize("mode", ["inlining", "strict"])
@pytest.mark.parametrize("replaces", [False, True], ids=["first", "replaces"])
@each_slot
def test_a_slot_keeps_its_session(subject: Subject, slot: Slot, replaces: bool, mode: str) -> None:
    """A session lives as long as it is in a slot, before and after its use, and no longer.

    It is a new session or a derived one, in an empty slot or in the place of another.
    """
    if replaces:
        subject.set_slot(slot, receiver(subject, mode))
    session = receiver(subject, mode)
    reference = weakref.ref(session)
    subject.set_slot(slot, session)
    del session
    for when in ("set", "used"):
        assert_true(not _is_collected(reference), f"the slot let its session go: {when}")
        assert_equal(slot_mode(subject, slot), mode, "the slot's session")
    subject.clear_slot(slot)
    assert_true(_is_collected(reference), "a cleared slot keeps its session")


@clause("SLOT-17")
@each_slot
def test_an_overwritten_session_is_released(subject: Subject, slot: Slot) -> None:
    """A session is overwritten in a slot. Nothing keeps it alive afterwards."""
    session = subject.session()
    reference = weakref.ref(session)
    subject.set_slot(slot, session)
    del session
    subject.set_slot(slot, subject.session())
    assert_true(_is_collected(reference), "an overwritten session is still alive")


@clause("SLOT-18")
@each_slot
def test_a_thread_lets_go_at_its_end(subject: Subject, slot: Slot) -> None:
    """The session in a thread's slot is released when the thread ends."""

    def work() -> weakref.ref[Any]:
        session = strict_session(subject)
        subject.set_slot(slot, session)
        return weakref.ref(session)

    assert_true(_is_collected(_run_in_thread(work)), "the session outlives its thread")


def _is_collected(reference: weakref.ref[Any]) -> bool:
    """Return whether nothing references the object, except possibly a cycle of its own."""
    if reference() is not None:
        gc.collect()
    return reference() is None


@clause("SLOT-19")
def test_one_session_in_both_slots(subject: Subject) -> None:
    """One strict session in both slots resolves its own bytes and refuses frames of others."""
    session = strict_session(subject)
    inline = pickle.dumps(sample(subject, "scalar"))
    subject.set_slot("sender", session)
    subject.set_slot("worker", session)
    data = encode_call_by_name(subject, times("scalar", 1))
    subject.register(session, function_of(subject, times("scalar", 7)))
    assert_succeeds(lambda: subject.from_bytes(data), "bytes by name")
    assert_equal(slot_mode(subject, "sender"), "strict", "the sender slot")
    assert_raises(lambda: pickle.loads(inline), "an inline frame")


@clause("SLOT-20")
@each_slot
def test_a_thread_goes_by_its_own_slot(subject: Subject, slot: Slot) -> None:
    """Two threads with different sessions in their slots each use their own, at the same time."""
    barrier = threading.Barrier(2, timeout=10)
    seen: dict[str, str] = {}

    def work(mode: str) -> None:
        subject.set_slot(slot, receiver(subject, mode))
        barrier.wait()
        try:
            seen[mode] = slot_mode(subject, slot)
        finally:
            barrier.wait()

    threads = [threading.Thread(target=work, args=(mode,)) for mode in ("strict", "inlining")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_equal(seen, {"strict": "strict", "inlining": "inlining"}, "what the threads did")


def _fail(subject: Subject, encode: Callable[[Expression], bytes]) -> None:
    udf = times("scalar", 2)
    with unpicklable(subject, "file", abs) as function:
        expr = call_of(subject, udf, subject.function(udf, function))
        with suppress(Exception):  # whether it is refused is the chapter ENCODING's question
            encode(expr)


def _fail_on_subquery(subject: Subject, _inline: bytes) -> None:
    assert subject.sql is not None
    expr = subject.sql.expression("a IN (SELECT 1)", ROWS[0], [])
    with suppress(Exception):  # an encoder may know subqueries
        pickle.dumps(expr)


def _refuse_plan(subject: Subject, _inline: bytes) -> None:
    data = encode_plan(subject, "logical", SAMPLES["scalar"])
    decode = partial(plans(subject).from_bytes, "logical", strict_session(subject))
    assert_raises(lambda: decode(data), "a strict session")


def _fail_on_plan(layer: Layer, subject: Subject, _inline: bytes) -> None:
    query, session = SAMPLES["scalar"], subject.session()
    udfs = {udf: subject.function(udf, make_locked(subject, udf)) for udf in query.udfs}
    with make_plan(subject, layer, query, udfs) as plan, suppress(Exception):
        plans(subject).to_bytes(plan, session)  # that it must raise is PLAN-24's question


WORK: Mapping[str, Callable[[Subject, bytes], Any]] = {
    "encode": lambda subject, _: subject.to_bytes(sample(subject, "scalar")),
    "fail-to-encode": lambda subject, _: _fail(subject, subject.to_bytes),
    "fail-to-encode-with-a-session": lambda subject, _: _fail(
        subject, lambda expr: subject.to_bytes(expr, subject.session())
    ),
    "fail-to-pickle": lambda subject, _: _fail(subject, pickle.dumps),
    "fail-to-pickle-a-subquery": _fail_on_subquery,
    "decode": lambda subject, inline: subject.from_bytes(inline),
    "decode-by-name": lambda subject, _: assert_raises(
        lambda: subject.from_bytes(encode_call_by_name(subject, times("scalar", 2))), "by name"
    ),
    "refuse": lambda subject, inline: assert_raises(
        lambda: subject.from_bytes(inline, strict_session(subject)), "a strict session"
    ),
    "cut": lambda subject, inline: assert_raises(
        lambda: subject.from_bytes(inline[:40]), "bytes that are cut"
    ),
    "refuse-a-plan": _refuse_plan,
    "fail-to-encode-a-logical-plan": partial(_fail_on_plan, "logical"),
    "fail-to-encode-a-physical-plan": partial(_fail_on_plan, "physical"),
}


def _needs(work: str) -> Sequence[pytest.MarkDecorator]:
    """Return the marks for the capabilities that the work needs."""
    return [
        needs(capability)
        for word, capability in (("plan", "plans"), ("subquery", "sql"))
        if word in work
    ]


@clause("SLOT-21")
@pytest.mark.parametrize("work", [pytest.param(work, marks=_needs(work)) for work in WORK])
def test_work_leaves_the_slots(subject: Subject, work: str) -> None:
    """Each slot has a session. Encoding, decoding, failing and refusing change neither."""
    inline = subject.to_bytes(sample(subject, "scalar"))
    sessions: dict[Slot, Session] = {"sender": subject.session(), "worker": subject.session()}
    for slot, session in sessions.items():
        subject.set_slot(slot, session)
    WORK[work](subject, inline)
    for slot, session in sessions.items():
        assert_true(subject.get_slot(slot) is session, f"the {slot} slot afterwards")


@clause("SLOT-21")
@pytest.mark.parametrize("work", [pytest.param(work, marks=_needs(work)) for work in WORK])
def test_work_leaves_the_slots_empty(subject: Subject, work: str) -> None:
    """A new thread encodes, decodes, fails or refuses. Its slots are empty before and after."""
    inline = subject.to_bytes(sample(subject, "scalar"))

    def run() -> list[Session | None]:
        WORK[work](subject, inline)
        return [subject.get_slot(slot) for slot in SLOTS]

    assert_equal(_run_in_thread(run), [None, None], "the slots of the thread afterwards")
