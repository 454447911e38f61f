"""The sessions that encode and decode; threads, overwriting, clearing and lifetime of slots."""

from __future__ import annotations

import _thread
import copy
import gc
import pickle
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import pytest

from conformance import wire
from conformance.catalogue.nodes import Family, Udf
from conformance.runner.assertions import (
    assert_equal,
    assert_raises,
    assert_succeeds,
    assert_true,
)
from conformance.subjects.interface import Expression, Session, Slot, Subject
from conformance.suite.helpers import slot_table
from conformance.suite.helpers.codec import slot_mode
from conformance.suite.helpers.markers import clause, each_family, needs
from conformance.suite.helpers.plans import SAMPLES, encode_plan
from conformance.suite.helpers.same_name_udfs import (
    ROWS,
    call_of,
    encode_call_by_name,
    evaluate_rows,
    expected_values,
    function_of,
    times,
)
from conformance.suite.helpers.samples import (
    plans,
    receiver,
    sample,
    sample_function,
    strict_session,
)
from conformance.suite.helpers.unpicklable import unpicklable

MODES = {"i": "inlining", "s": "strict"}
FACTORS = {"explicit": 2, "sender": 3, "worker": 5, "global": 11}
"""The factors of each place's UDF ``times``: a result shows which session decoded."""

each_slot = pytest.mark.parametrize("slot", ["sender", "worker"])


def _row_params(table: str) -> list[Any]:
    return [
        pytest.param(
            row,
            marks=clause(row["clause"]),
            id="".join(row[place] for place in ("explicit", "sender", "worker")),
        )
        for row in slot_table.parse_rows(table)
    ]


def _fill_places(subject: Subject, row: dict[str, str]) -> dict[str, Session]:
    """Return the sessions of a row of the table, and fill the slots with them."""
    places = {
        place: receiver(subject, MODES[row[place]])
        for place in ("explicit", "sender", "worker")
        if row[place] != "-"
    }
    slots: tuple[Slot, Slot] = ("sender", "worker")
    for slot in slots:
        if slot in places:
            subject.set_slot(slot, places[slot])
    return places


def _form_in(data: bytes) -> str:
    return "frame" if wire.find(data) else "name"


@pytest.mark.parametrize("row", _row_params(slot_table.ENCODE))
@each_family
def test_who_encodes(subject: Subject, family: Family, row: dict[str, str]) -> None:
    """The explicit session encodes, else the sender slot's, else an inlining one, by the table."""
    expr, explicit = sample(subject, family), _fill_places(subject, row).get("explicit")
    if explicit is not None:
        assert_equal(_form_in(subject.to_bytes(expr, explicit)), row["to_bytes"], "to_bytes")
        return
    for protocol in range(3, pickle.HIGHEST_PROTOCOL + 1):
        assert_equal(_form_in(pickle.dumps(expr, protocol)), row["dumps"], f"protocol {protocol}")


@clause("SLOT-03")
@pytest.mark.parametrize(
    "row",
    [row for row in slot_table.parse_rows(slot_table.ENCODE) if row["explicit"] == "-"],
    ids=lambda row: row["sender"] + row["worker"],
)
@each_family
def test_who_encodes_without_argument(
    subject: Subject, family: Family, row: dict[str, str]
) -> None:
    """to_bytes without a session uses the sender slot, as pickle does."""
    _fill_places(subject, row)
    assert_equal(_form_in(subject.to_bytes(sample(subject, family))), row["to_bytes"], "to_bytes()")


@contextmanager
def _registered_globally(subject: Subject, family: Family, factor: int) -> Iterator[None]:
    function = function_of(subject, times(family, factor))
    subject.register(subject.global_session(), function)
    try:
        yield
    finally:
        subject.deregister(subject.global_session(), function)


def _decode(subject: Subject, data: bytes, places: dict[str, Session]) -> Expression:
    return subject.from_bytes(data, places.get("explicit"))


@pytest.mark.parametrize("row", _row_params(slot_table.DECODE))
@pytest.mark.parametrize("registered", ["everywhere", "everywhere-else"])
@each_family
def test_who_resolves_a_name(
    subject: Subject, family: Family, registered: str, row: dict[str, str]
) -> None:
    """The explicit session resolves, else the worker slot's, else the global one, by the table.

    Each place has another UDF of the same name. If the place that decides has none, the
    name is not resolved elsewhere.
    """
    data, pickled = _encode_by_name(subject, times(family, 1))
    places, decides = _fill_places(subject, row), row["decides"]
    for place, session in places.items():
        if registered == "everywhere" or place != decides:
            subject.register(session, function_of(subject, times(family, FACTORS[place])))
    ways: list[Callable[[], Expression]] = [lambda: _decode(subject, data, places)]
    if "explicit" not in places:
        ways.append(lambda: pickle.loads(pickled))
    if registered == "everywhere-else" and decides == "global":
        for way in ways:
            assert_raises(way, "nothing registered globally")
        return
    with _registered_globally(subject, family, FACTORS["global"]):
        for way in ways:
            if registered == "everywhere-else":
                assert_raises(way, f"none at {decides}")
            else:
                _assert_multiplies(subject, family, FACTORS[decides], way())


def _encode_by_name(subject: Subject, udf: Udf) -> tuple[bytes, bytes]:
    """Return a call of ``udf`` by name, as bytes and pickled, and empty the sender slot."""
    call = call_of(subject, udf)
    subject.set_slot("sender", strict_session(subject))
    pickled = pickle.dumps(call)
    subject.clear_slot("sender")
    return subject.to_bytes(call, strict_session(subject)), pickled


def _assert_multiplies(subject: Subject, family: Family, factor: int, expr: Expression) -> None:
    seen, expected = evaluate_rows(subject, family, expr), expected_values(family, factor)
    assert_equal(seen, expected, "the result, which shows the session that resolved the name")


@pytest.mark.parametrize("row", _row_params(slot_table.DECODE))
@each_family
def test_who_admits_a_frame(subject: Subject, family: Family, row: dict[str, str]) -> None:
    """The session that decides decodes or refuses a frame by its own toggle, by the table."""
    data, pickled = subject.to_bytes(sample(subject, family)), pickle.dumps(sample(subject, family))
    places = _fill_places(subject, row)
    ways: list[Callable[[], Any]] = [lambda: _decode(subject, data, places)]
    if "explicit" not in places:
        ways.append(lambda: pickle.loads(pickled))
    for way in ways:
        if row["inline"] == "decoded":
            assert_succeeds(way, "an inline frame")
        else:
            assert_raises(way, "an inline frame")


@clause("SLOT-02")
@pytest.mark.parametrize("mode", ["inlining", "strict"])
@each_family
def test_every_protocol_goes_by_the_sender_slot(
    subject: Subject, family: Family, mode: str
) -> None:
    """With every pickle protocol the sender slot decides whether a strict receiver can decode."""
    worker, expr = strict_session(subject), sample(subject, family)
    subject.register(worker, sample_function(subject, family))
    subject.set_slot("worker", worker)
    subject.set_slot("sender", receiver(subject, mode))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        data, what = pickle.dumps(expr, protocol), f"protocol {protocol}"
        if mode == "strict":
            assert_succeeds(partial(pickle.loads, data), what)
        else:
            assert_raises(partial(pickle.loads, data), what)


@clause("SLOT-02")
@pytest.mark.parametrize("how", ["copy", "deepcopy"])
@each_family
def test_copy_encodes_by_the_sender_slot(subject: Subject, family: Family, how: str) -> None:
    """With a strict session in the sender slot, a copy gets the registered UDF of that name."""
    expr, worker = call_of(subject, times(family, 1)), subject.session()
    subject.register(worker, function_of(subject, times(family, 5)))
    subject.set_slot("worker", worker)
    subject.set_slot("sender", strict_session(subject))
    _assert_multiplies(subject, family, 5, getattr(copy, how)(expr))


@clause("SLOT-02")
@each_family
def test_every_pickle_asks_the_slot(subject: Subject, family: Family) -> None:
    """The sender slot changes between two pickles of one expression. Each obeys its session."""
    expr = call_of(subject, times(family, 2))
    for mode, form in (("inlining", "frame"), ("strict", "name"), ("inlining", "frame")):
        subject.set_slot("sender", receiver(subject, mode))
        assert_equal(_form_in(pickle.dumps(expr)), form, f"{mode} in the slot")


@clause("SLOT-10")
@each_slot
def test_overwriting(subject: Subject, slot: Slot) -> None:
    """The session that was set last applies."""
    for mode in ("strict", "inlining", "strict"):
        subject.set_slot(slot, receiver(subject, mode))
        assert_equal(slot_mode(subject, slot), mode, "the slot's session")


@clause("SLOT-10")
@each_slot
def test_overwriting_by_the_same_session(subject: Subject, slot: Slot) -> None:
    """Both sessions are one, toggled on and off. The one that was set last applies."""
    session = subject.session()
    for mode in ("inlining", "strict", "inlining"):
        subject.set_slot(slot, subject.with_inlining(session, mode == "inlining"))
        assert_equal(slot_mode(subject, slot), mode, "the slot's session")


@clause("SLOT-11")
@each_slot
def test_the_very_session(subject: Subject, slot: Slot) -> None:
    """A slot returns the object that was put in."""
    session = strict_session(subject)
    subject.set_slot(slot, session)
    assert_true(subject.get_slot(slot) is session, "the slot holds another object")


@clause("SLOT-12")
@each_slot
def test_clearing(subject: Subject, slot: Slot) -> None:
    """A cleared slot is empty and has no effect, even if it was set several times."""
    for _ in range(2):
        subject.set_slot(slot, strict_session(subject))
    assert_equal(slot_mode(subject, slot), "strict", "before clearing")
    subject.clear_slot(slot)
    assert_equal(subject.get_slot(slot), None, "the slot")
    assert_equal(slot_mode(subject, slot), "inlining", "after clearing")


@clause("SLOT-12")
@each_slot
def test_clearing_a_session_that_was_set_twice(subject: Subject, slot: Slot) -> None:
    """One session is set twice. The slot is empty once it is cleared."""
    session = strict_session(subject)
    for _ in range(2):
        subject.set_slot(slot, session)
    subject.clear_slot(slot)
    assert_equal(subject.get_slot(slot), None, "the slot")


@clause("SLOT-13")
@each_slot
def test_clearing_an_empty_slot(subject: Subject, slot: Slot) -> None:
    """Clearing twice is no error."""
    for _ in range(2):
        assert_succeeds(lambda: subject.clear_slot(slot), "clearing")
        assert_equal(subject.get_slot(slot), None, "the slot")


@clause("SLOT-14")
@each_slot
@pytest.mark.parametrize("sessions", ["two", "one"])
def test_slots_do_not_touch(subject: Subject, sessions: str, slot: Slot) -> None:
    """Setting or clearing one slot leaves the other unchanged, also if both hold one session."""
    other: Slot = "worker" if slot == "sender" else "sender"
    first = strict_session(subject)
    subject.set_slot(slot, first)
    assert_equal(subject.get_slot(other), None, "the other slot after setting")
    session = first if sessions == "one" else subject.session()
    subject.set_slot(other, session)
    subject.clear_slot(slot)
    assert_true(subject.get_slot(other) is session, "the other slot after clearing")


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


WORK: Mapping[str, Callable[[Subject, bytes], Any]] = {
    "encode": lambda subject, _: subject.to_bytes(sample(subject, "scalar")),
    "fail-to-encode": lambda subject, _: _fail(subject, subject.to_bytes),
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
