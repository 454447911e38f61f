"""Processes: expressions on their way to workers and back, and whose session had a say in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from conformance.runner.assertions import Mismatch, assert_equal, assert_result, assert_true
from conformance.subjects.interface import Subject
from conformance.suite.helpers.markers import clause, each_family
from conformance.suite.processes.results import process_result
from conformance.suite.processes.transports import CHANNELS, EXECUTOR, LOKY, POOL, STARTS
from conformance.suite.processes.worker_functions import (
    BACK,
    DRIVER,
    FAMILIES,
    GLOBAL,
    NAME,
    SENDER,
    WORKER,
    expected_result,
)

pytestmark = pytest.mark.deadline(110)  # the first case waits for all the trials of the chapter

LIBRARIES = (*POOL, *EXECUTOR)
SENDS = (*LIBRARIES, *CHANNELS)
AFRESH = ("forkserver", "spawn")

each_start = pytest.mark.parametrize("start", STARTS)


def _each(
    clause_id: str, transports: Iterable[str], starts: Iterable[str] = STARTS, joblib: str = ""
) -> pytest.MarkDecorator:
    """Every start method with every transport; joblib, which may be missing, has its own clause."""
    routes = [(start, transport, clause_id) for start in starts for transport in transports]
    if joblib:
        routes.append(("loky", LOKY, joblib))
    return pytest.mark.parametrize(
        ("start", "transport"),
        [
            pytest.param(start, transport, id=f"{start}-{transport}", marks=clause(its))
            for start, transport, its in routes
        ],
    )


def _result(seen: object, expected: object, what: str) -> None:
    """Assert that the driver got ``expected``; it reports an error as a string."""
    if isinstance(seen, str):
        raise Mismatch("unexpected-error", f"{what}: an error", expected, seen)
    assert_result(seen, expected, what)


class Trip:
    """What a driver saw of one message."""

    def __init__(self, subject: Subject, start: str, transport: str, message: str, family: str):
        self.what = f"{message} by {transport}, {start}"
        self.family = family
        self.seen: dict[str, Any] = process_result(subject, f"trips-{start}")[
            transport, message, family
        ]

    def gives(self, factor: int) -> None:
        """The result tells whose function ran."""
        _result(self.seen["result"], expected_result(self.family, factor), self.what)

    def is_in(self, form: str, factor: int) -> None:
        """In which form the UDF went through the library, and whose function ran."""
        if not isinstance(self.seen["result"], str):
            assert_equal(self.seen["forms"], [form], self.what)
        _result(self.seen["result"], expected_result(self.family, factor), self.what)

    def fails(self, parts: Iterable[str]) -> None:
        """The driver got an error that says all of this."""
        seen = self.seen["result"]
        assert_true(isinstance(seen, str), f"{self.what}: no error", seen, kind="no-error")
        for part in parts:
            assert_true(
                part in seen, f"{self.what}: the error lacks {part!r}", seen, kind="message-lacks"
            )


# There


@_each("PROCESS-01", SENDS, joblib="PROCESS-23")
@pytest.mark.parametrize("family", [*FAMILIES, "builtin"])
def test_inline(subject: Subject, start: str, transport: str, family: str) -> None:
    """What an expression calls travels with it, and runs in the worker."""
    Trip(subject, start, transport, "inline", family).gives(SENDER)


@_each("PROCESS-02", ["process"])
@pytest.mark.parametrize("family", [*FAMILIES, "builtin"])
def test_arguments(subject: Subject, start: str, transport: str, family: str) -> None:
    """An expression can be an argument of a process."""
    Trip(subject, start, transport, "inline", family).gives(SENDER)


@_each("PROCESS-03", SENDS, joblib="PROCESS-23")
def test_partial(subject: Subject, start: str, transport: str) -> None:
    """An expression can be bound in a partial."""
    Trip(subject, start, transport, "partial", "scalar").is_in("frame", SENDER)


@_each("PROCESS-04", SENDS, joblib="PROCESS-24")
@each_family
def test_sender_slot(subject: Subject, start: str, transport: str, family: str) -> None:
    """A strict session in the driver's sender slot: no frame leaves, the worker's function runs."""
    Trip(subject, start, transport, "strict", family).is_in("name", WORKER)


@_each("PROCESS-05", ["process"], AFRESH)
@each_family
def test_sender_slot_and_arguments(
    subject: Subject, start: str, transport: str, family: str
) -> None:
    """The arguments of a process are pickled by the sender slot of the thread that starts it."""
    Trip(subject, start, transport, "strict", family).is_in("name", WORKER)


@_each("PROCESS-04", SENDS, joblib="PROCESS-24")
def test_sender_slot_and_partial(subject: Subject, start: str, transport: str) -> None:
    """The same of an expression that is bound in a partial."""
    Trip(subject, start, transport, "strict-partial", "scalar").is_in("name", WORKER)


@_each("PROCESS-06", SENDS, joblib="PROCESS-25")
@each_family
def test_worker_slot(subject: Subject, start: str, transport: str, family: str) -> None:
    """What comes by name is resolved by the session that the initializer put into the slot."""
    Trip(subject, start, transport, "carried", family).is_in("name", WORKER)


@_each("PROCESS-07", SENDS)
@each_family
def test_strict_worker(subject: Subject, start: str, transport: str, family: str) -> None:
    """A strict session in the worker's slot resolves what comes by name."""
    Trip(subject, start, transport, "carried-strict", family).is_in("name", WORKER)


@_each("PROCESS-08", CHANNELS)
@each_family
def test_strict_on_both_sides(subject: Subject, start: str, transport: str, family: str) -> None:
    """What a strict driver sends, a strict worker that has the names runs."""
    Trip(subject, start, transport, "both-strict", family).is_in("name", WORKER)


@_each("PROCESS-08", ["pool-map", "executor-submit"], ["fork"])
def test_strict_on_both_sides_of_a_pool(subject: Subject, start: str, transport: str) -> None:
    """The same through a pool, which pickles by itself."""
    seen = process_result(subject, f"both-strict-{transport}")
    _result(
        seen, expected_result("scalar", WORKER), f"strict on both sides, by {transport}, {start}"
    )


@_each("", [], joblib="PROCESS-26")
def test_strict_on_both_sides_of_joblib(subject: Subject, start: str, transport: str) -> None:
    """The same through joblib."""
    Trip(subject, start, transport, "both-strict", "scalar").is_in("name", WORKER)


# And back


@_each("PROCESS-09", SENDS, joblib="PROCESS-27")
@each_family
def test_answer(subject: Subject, start: str, transport: str, family: str) -> None:
    """An expression that a worker made comes back and runs in the driver."""
    Trip(subject, start, transport, "answer", family).is_in("frame", BACK)


@_each("PROCESS-10", LIBRARIES, joblib="PROCESS-27")
def test_exception(subject: Subject, start: str, transport: str) -> None:
    """So does one in an exception that a worker raised."""
    Trip(subject, start, transport, "error", "scalar").is_in("frame", BACK)


@_each("PROCESS-11", SENDS, joblib="PROCESS-28")
@each_family
def test_workers_sender_slot(subject: Subject, start: str, transport: str, family: str) -> None:
    """A strict session in the worker's sender slot: no frame comes back."""
    Trip(subject, start, transport, "strict-answer", family).is_in("name", GLOBAL)


def _answer(subject: Subject, transport: str, message: str) -> dict[str, Any]:
    held = "answers-pipe" if transport in CHANNELS else f"answers-{transport}"
    trial = process_result(subject, "trips-loky" if transport == LOKY else held)
    answer: dict[str, Any] = trial[transport, message, "scalar"]
    return answer


@_each("PROCESS-12", [*CHANNELS, "pool-map", "executor-submit"], ["fork"], joblib="PROCESS-29")
def test_drivers_worker_slot(subject: Subject, start: str, transport: str) -> None:
    """The driver's worker slot, not its global session, resolves what comes back by name."""
    seen = _answer(subject, transport, "resolved")
    assert_equal(seen["forms"], ["name"], "what came back")
    _result(seen["result"], expected_result("scalar", DRIVER), f"an answer by {transport}, {start}")


@_each("PROCESS-13", [*CHANNELS, "pool-map", "executor-submit"], ["fork"], joblib="PROCESS-30")
def test_driver_refuses(subject: Subject, start: str, transport: str) -> None:
    """A strict session in the driver's worker slot refuses a frame that comes back."""
    seen, what = _answer(subject, transport, "not-refused"), f"an answer by {transport}, {start}"
    assert_equal(seen["forms"], ["frame"], "what came back")
    refused = isinstance(seen["result"], str) and "inlining is disabled" in seen["result"]
    assert_true(refused, f"{what}: not refused", seen["result"], kind="no-error")


# Workers that refuse, and that die


@_each("PROCESS-33", CHANNELS)
@each_family
def test_refused(subject: Subject, start: str, transport: str, family: str) -> None:
    """A strict worker that reads a frame itself gets the refusal, which it can tell."""
    trip = Trip(subject, start, transport, "refused", family)
    trip.fails([f"'{NAME}'", "inlining is disabled on this session"])


@_each("", [], joblib="PROCESS-31")
def test_joblib_tells_a_refusal(subject: Subject, start: str, transport: str) -> None:
    """A worker that refuses a frame: the driver gets an error, which is the refusal."""
    trip = Trip(subject, start, transport, "refused", "scalar")
    trip.fails([f"'{NAME}'", "inlining is disabled on this session"])


@_each("", [], joblib="PROCESS-32")
def test_joblib_tells_a_death(subject: Subject, start: str, transport: str) -> None:
    """A worker that is killed while it decodes: the driver gets an error that says so."""
    Trip(subject, start, transport, "killed", "scalar").fails(["SIGKILL"])


# What a worker starts with


def _began(subject: Subject, start: str) -> dict[str, Any]:
    """What a worker found whose driver had filled both slots and registered globally."""
    began: dict[str, Any] = process_result(subject, f"trips-{start}")["initial slots",]
    return began


@clause("PROCESS-14")
def test_fork_inherits_slots(subject: Subject) -> None:
    """A forked process sees the slots of the driver, with the sessions in them."""
    seen = {key: _began(subject, "fork")[key] for key in ("sender", "worker", "resolves")}
    expected = {"sender": True, "worker": True, "resolves": expected_result("scalar", DRIVER)}
    assert_equal(seen, expected, "the slots of a forked process")


@clause("PROCESS-15")
@pytest.mark.parametrize("start", AFRESH)
def test_fresh_workers_start_empty(subject: Subject, start: str) -> None:
    """A spawned process, and one of a fork server, starts with empty slots."""
    seen = {key: _began(subject, start)[key] for key in ("sender", "worker")}
    assert_equal(seen, {"sender": False, "worker": False}, f"the slots of a process by {start}")


@clause("PROCESS-16")
@each_start
def test_global_registrations(subject: Subject, start: str) -> None:
    """A forked process has the registrations of the driver's global session, a fresh one none."""
    seen, what = _began(subject, start)["global"], f"what the global session has, {start}"
    if start == "fork":
        _result(seen, expected_result("scalar", GLOBAL), what)
    else:
        named = isinstance(seen, str) and NAME in seen
        assert_true(named, f"{what}: the name was resolved", seen, kind="no-error")


@clause("PROCESS-17")
@pytest.mark.parametrize("start", ["fork", "forkserver"])
def test_replaced_workers(subject: Subject, start: str) -> None:
    """The initializer fills the slot of each worker that takes another's place."""
    seen = process_result(subject, f"trips-{start}")["replaced",]
    _result(seen, [expected_result("scalar", WORKER)] * 3, "by three workers, each with one task")


@clause("PROCESS-18")
def test_replaced_workers_inherit(subject: Subject) -> None:
    """A forked worker that takes another's place sees the driver's slots as the first one did."""
    seen = [
        (slots["sender"], slots["worker"])
        for slots in process_result(subject, "inherited-by-replaced")
    ]
    assert_equal(seen, [(True, True)] * 2, "whether the slots are filled in two forked workers")


@clause("PROCESS-19")
@pytest.mark.parametrize(("mode", "factor"), [("strict", DRIVER), ("inlining", BACK)])
def test_forked_by_a_thread(subject: Subject, mode: str, factor: int) -> None:
    """A process that another thread than the main one forks sees that thread's slots."""
    began = process_result(subject, "threads-with-slots")[mode]["initial slots"]
    seen = {key: began[key] for key in ("sender", "worker", "resolves")}
    expected = {"sender": True, "worker": True, "resolves": expected_result("scalar", factor)}
    assert_equal(seen, expected, "the slots of a process that a thread forked")


@clause("PROCESS-20")
@pytest.mark.parametrize(("mode", "factor"), [("strict", WORKER), ("inlining", SENDER)])
def test_threads_send_by_their_slots(subject: Subject, mode: str, factor: int) -> None:
    """Of two threads that send at the same time, each sends by its own sender slot."""
    seen = process_result(subject, "threads-with-slots")[mode]["results"]
    _result(
        seen, [expected_result("scalar", factor)] * 20, f"what a thread with a {mode} slot sent"
    )


# The end


@clause("PROCESS-21")
@each_start
def test_workers_end(subject: Subject, start: str) -> None:
    """A worker that decoded and ran expressions ends by itself, with exit code 0."""
    assert_equal(
        process_result(subject, f"trips-{start}")["exit code",], 0, "the exit code of a worker"
    )


SERVICES = ("resource_tracker", "forkserver")
"""What multiprocessing keeps for as long as the driver lives."""


@clause("PROCESS-22")
@each_start
def test_nothing_is_left(subject: Subject, start: str) -> None:
    """When a driver has closed its pools, none of its workers runs."""
    left = process_result(subject, f"trips-{start}")["left",]
    workers = [
        one
        for one in left
        if not any(f"import {name}" in one or f".{name} " in one for name in SERVICES)
    ]
    assert_equal(workers, [], "processes that are left")
