"""Expressions that libraries ship to worker processes and back, and the sessions that apply."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from conformance.runner.assertions import Mismatch, assert_equal, assert_result, assert_true
from conformance.subjects.interface import Slot, Subject
from conformance.suite.helpers.markers import SLOTS, at_artifacts, clause, each_family
from conformance.suite.processes.results import job, process_result
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

JOB = job("PROCESS")
pytestmark = pytest.mark.deadline(200)  # run alone, the first case waits for the job

LIBRARIES = (*POOL, *EXECUTOR)
SENDS = (*LIBRARIES, *CHANNELS)
FRESH_STARTS = ("forkserver", "spawn")

each_start = pytest.mark.parametrize("start", STARTS)


def _each_route(
    clause_id: str, transports: Iterable[str], starts: Iterable[str] = STARTS, joblib: str = ""
) -> pytest.MarkDecorator:
    """Parametrize a case with all start methods and transports.

    joblib, which may not be installed, has a clause of its own.
    """
    routes = [(start, transport, clause_id) for start in starts for transport in transports]
    if joblib:
        routes.append(("loky", LOKY, joblib))
    return pytest.mark.parametrize(
        ("start", "transport"),
        [
            pytest.param(start, transport, id=f"{start}-{transport}", marks=clause(id_))
            for start, transport, id_ in routes
        ],
    )


def _assert_result(seen: object, expected: object, what: str) -> None:
    """Assert that the driver got ``expected``; it reports an error as a string."""
    if isinstance(seen, str):
        raise Mismatch("unexpected-error", f"{what}: an error", expected, seen)
    assert_result(seen, expected, what)


class Exchange:
    """The driver's observations of one message."""

    def __init__(self, subject: Subject, start: str, transport: str, message: str, family: str):
        self.what = f"{message} by {transport}, {start}"
        self.family = family
        self.seen: dict[str, Any] = process_result(subject, f"trips-{start}")[
            transport, message, family
        ]

    def assert_result(self, factor: int) -> None:
        """Assert that the result is that of the UDF with this factor."""
        _assert_result(self.seen["result"], expected_result(self.family, factor), self.what)

    def assert_form(self, form: str, factor: int) -> None:
        """Assert the form in which the UDF was shipped, and which UDF ran."""
        if not isinstance(self.seen["result"], str):
            assert_equal(self.seen["forms"], [form], self.what)
        _assert_result(self.seen["result"], expected_result(self.family, factor), self.what)

    def assert_fails(self, parts: Iterable[str]) -> None:
        """Assert that the driver got an error that contains each of ``parts``."""
        seen = self.seen["result"]
        assert_true(isinstance(seen, str), f"{self.what}: no error", seen, kind="no-error")
        for part in parts:
            assert_true(
                part in seen, f"{self.what}: the error lacks {part!r}", seen, kind="message-lacks"
            )


# From drivers to workers


@_each_route("PROCESS-01", SENDS, joblib="PROCESS-23")
@pytest.mark.parametrize("family", [*FAMILIES, "builtin"])
def test_inline(subject: Subject, start: str, transport: str, family: str) -> None:
    """An expression carries its UDF to the worker, which runs it."""
    Exchange(subject, start, transport, "inline", family).assert_result(SENDER)


@_each_route("PROCESS-02", ["process"])
@pytest.mark.parametrize("family", [*FAMILIES, "builtin"])
def test_arguments(subject: Subject, start: str, transport: str, family: str) -> None:
    """An expression is an argument of a new process. The process runs its UDF."""
    Exchange(subject, start, transport, "inline", family).assert_result(SENDER)


@_each_route("PROCESS-03", SENDS, joblib="PROCESS-23")
def test_partial(subject: Subject, start: str, transport: str) -> None:
    """An expression is bound in a partial. The worker runs its UDF."""
    Exchange(subject, start, transport, "partial", "scalar").assert_form("frame", SENDER)


@_each_route("PROCESS-04", SENDS, joblib="PROCESS-24")
@each_family
def test_sender_slot(subject: Subject, start: str, transport: str, family: str) -> None:
    """With a strict session in the driver's sender slot no frame is sent; the worker's UDF runs."""
    Exchange(subject, start, transport, "strict", family).assert_form("name", WORKER)


@_each_route("PROCESS-05", ["process"], FRESH_STARTS)
@each_family
def test_sender_slot_and_arguments(
    subject: Subject, start: str, transport: str, family: str
) -> None:
    """The arguments of a process are pickled by the sender slot of the thread that starts it."""
    Exchange(subject, start, transport, "strict", family).assert_form("name", WORKER)


@_each_route("PROCESS-04", SENDS, joblib="PROCESS-24")
def test_sender_slot_and_partial(subject: Subject, start: str, transport: str) -> None:
    """An expression bound in a partial is pickled by the sender slot, too."""
    Exchange(subject, start, transport, "strict-partial", "scalar").assert_form("name", WORKER)


@_each_route("PROCESS-06", SENDS, joblib="PROCESS-25")
@each_family
def test_worker_slot(subject: Subject, start: str, transport: str, family: str) -> None:
    """A name is resolved by the session that the initializer put into the worker slot."""
    Exchange(subject, start, transport, "carried", family).assert_form("name", WORKER)


@_each_route("PROCESS-07", SENDS)
@each_family
def test_strict_worker(subject: Subject, start: str, transport: str, family: str) -> None:
    """A strict session in the worker slot resolves a name."""
    Exchange(subject, start, transport, "carried-strict", family).assert_form("name", WORKER)


@_each_route("PROCESS-08", CHANNELS)
@each_family
def test_strict_on_both_sides(subject: Subject, start: str, transport: str, family: str) -> None:
    """A strict worker that has the names runs expressions of a strict driver."""
    Exchange(subject, start, transport, "both-strict", family).assert_form("name", WORKER)


@_each_route("PROCESS-08", ["pool-map", "executor-submit"], ["fork"])
def test_strict_on_both_sides_of_a_pool(subject: Subject, start: str, transport: str) -> None:
    """A strict worker of a pool that has the names runs expressions of a strict driver."""
    seen = process_result(subject, f"both-strict-{transport}")
    _assert_result(
        seen, expected_result("scalar", WORKER), f"strict on both sides, by {transport}, {start}"
    )


@_each_route("", [], joblib="PROCESS-26")
def test_strict_on_both_sides_of_joblib(subject: Subject, start: str, transport: str) -> None:
    """A strict worker of joblib that has the names runs expressions of a strict driver."""
    Exchange(subject, start, transport, "both-strict", "scalar").assert_form("name", WORKER)


# From workers back to drivers


@_each_route("PROCESS-09", SENDS, joblib="PROCESS-27")
@each_family
def test_answer(subject: Subject, start: str, transport: str, family: str) -> None:
    """An expression that a worker returns runs in the driver."""
    Exchange(subject, start, transport, "answer", family).assert_form("frame", BACK)


@_each_route("PROCESS-10", LIBRARIES, joblib="PROCESS-27")
def test_exception(subject: Subject, start: str, transport: str) -> None:
    """An expression in an exception that a worker raises runs in the driver."""
    Exchange(subject, start, transport, "error", "scalar").assert_form("frame", BACK)


@_each_route("PROCESS-11", SENDS, joblib="PROCESS-28")
@each_family
def test_workers_sender_slot(subject: Subject, start: str, transport: str, family: str) -> None:
    """With a strict session in the worker's sender slot no frame comes back."""
    Exchange(subject, start, transport, "strict-answer", family).assert_form("name", GLOBAL)


def _answer_seen(subject: Subject, transport: str, message: str) -> dict[str, Any]:
    own = "answers-pipe" if transport in CHANNELS else f"answers-{transport}"
    scenario = process_result(subject, "trips-loky" if transport == LOKY else own)
    answer: dict[str, Any] = scenario[transport, message, "scalar"]
    return answer


@_each_route(
    "PROCESS-12", [*CHANNELS, "pool-map", "executor-submit"], ["fork"], joblib="PROCESS-29"
)
def test_drivers_worker_slot(subject: Subject, start: str, transport: str) -> None:
    """The driver's worker slot, not its global session, resolves a name that comes back."""
    seen = _answer_seen(subject, transport, "resolved")
    assert_equal(seen["forms"], ["name"], "the form that came back")
    _assert_result(
        seen["result"], expected_result("scalar", DRIVER), f"an answer by {transport}, {start}"
    )


@_each_route(
    "PROCESS-13", [*CHANNELS, "pool-map", "executor-submit"], ["fork"], joblib="PROCESS-30"
)
def test_driver_refuses(subject: Subject, start: str, transport: str) -> None:
    """A strict session in the driver's worker slot refuses a frame that comes back."""
    seen, what = (
        _answer_seen(subject, transport, "not-refused"),
        f"an answer by {transport}, {start}",
    )
    assert_equal(seen["forms"], ["frame"], "the form that came back")
    refused = isinstance(seen["result"], str)  # the driver reports an error as a text
    assert_true(refused, f"{what}: not refused", seen["result"], kind="no-error")


# Workers that refuse or are killed


@_each_route("PROCESS-33", CHANNELS)
@each_family
def test_refused(subject: Subject, start: str, transport: str, family: str) -> None:
    """A strict worker that unpickles a frame itself gets the refusal and can report it."""
    exchange = Exchange(subject, start, transport, "refused", family)
    exchange.assert_fails([NAME, "inlining is disabled"])


@_each_route("", [], joblib="PROCESS-31")
def test_joblib_tells_a_refusal(subject: Subject, start: str, transport: str) -> None:
    """If a worker refuses a frame, the driver gets the refusal as an error."""
    exchange = Exchange(subject, start, transport, "refused", "scalar")
    exchange.assert_fails([NAME, "inlining is disabled"])


@_each_route("", [], joblib="PROCESS-32")
def test_joblib_tells_a_death(subject: Subject, start: str, transport: str) -> None:
    """If a worker is killed while it decodes, the driver gets an error."""
    Exchange(subject, start, transport, "killed", "scalar").assert_fails([])


# The slots of a new worker


def _initial_slots(subject: Subject, start: str) -> dict[str, Any]:
    """Return the initial slots of a worker whose driver had filled both and registered globally."""
    slots: dict[str, Any] = process_result(subject, f"trips-{start}")["initial slots",]
    return slots


@clause("PROCESS-14")
def test_fork_inherits_slots(subject: Subject) -> None:
    """A forked process sees the driver's slots, with the sessions in them."""
    seen = {key: _initial_slots(subject, "fork")[key] for key in ("sender", "worker", "resolves")}
    expected = {"sender": True, "worker": True, "resolves": expected_result("scalar", DRIVER)}
    assert_equal(seen, expected, "the slots of a forked process")


@clause("PROCESS-15")
@pytest.mark.parametrize("start", FRESH_STARTS)
def test_fresh_workers_start_empty(subject: Subject, start: str) -> None:
    """A spawned process, or one of a fork server, starts with empty slots."""
    seen = {key: _initial_slots(subject, start)[key] for key in ("sender", "worker")}
    assert_equal(seen, {"sender": False, "worker": False}, f"the slots of a process by {start}")


@clause("PROCESS-16")
@each_start
def test_global_registrations(subject: Subject, start: str) -> None:
    """Forked processes have the registrations of the driver's global session, others have none."""
    seen, what = _initial_slots(subject, start)["global"], f"the global session, {start}"
    if start == "fork":
        _assert_result(seen, expected_result("scalar", GLOBAL), what)
    else:
        named = isinstance(seen, str) and NAME in seen
        assert_true(named, f"{what}: the name was resolved", seen, kind="no-error")


@clause("PROCESS-17")
@pytest.mark.parametrize("start", ["fork", "forkserver"])
def test_replaced_workers(subject: Subject, start: str) -> None:
    """The initializer fills the slot of each worker that replaces another."""
    seen = process_result(subject, f"trips-{start}")["replaced",]
    _assert_result(
        seen, [expected_result("scalar", WORKER)] * 3, "by three workers, each with one task"
    )


@clause("PROCESS-18")
def test_replaced_workers_inherit(subject: Subject) -> None:
    """A forked worker that replaces another sees the driver's slots, too."""
    seen = [
        (slots["sender"], slots["worker"])
        for slots in process_result(subject, "inherited-by-replaced")
    ]
    assert_equal(seen, [(True, True)] * 2, "the filled slots of two forked workers")


@clause("PROCESS-19")
@pytest.mark.parametrize(("mode", "factor"), [("strict", DRIVER), ("inlining", BACK)])
def test_forked_by_a_thread(subject: Subject, mode: str, factor: int) -> None:
    """A process forked by a thread sees the slots of that thread."""
    slots = process_result(subject, "threads-with-slots")[mode]["initial slots"]
    seen = {key: slots[key] for key in ("sender", "worker", "resolves")}
    expected = {"sender": True, "worker": True, "resolves": expected_result("scalar", factor)}
    assert_equal(seen, expected, "the slots of a process that a thread forked")


@clause("PROCESS-20")
@pytest.mark.parametrize(("mode", "factor"), [("strict", WORKER), ("inlining", SENDER)])
def test_threads_send_by_their_slots(subject: Subject, mode: str, factor: int) -> None:
    """Two threads that send at the same time each use their own sender slot."""
    seen = process_result(subject, "threads-with-slots")[mode]["results"]
    _assert_result(
        seen,
        [expected_result("scalar", factor)] * 20,
        f"the results of a thread with a {mode} slot",
    )


@clause("PROCESS-34")
@pytest.mark.parametrize("slot", SLOTS)
def test_drivers_slots_survive_a_fork(subject: Subject, slot: Slot) -> None:
    """Both slots of a driver are filled, and it forks a process. They still hold their sessions."""
    _, kept = process_result(subject, "sessions-in-a-fork")
    assert_equal(kept[slot], True, f"whether the {slot} slot kept its session")


def _seen_in_a_fork(subject: Subject) -> dict[str, Any]:
    """Return what a strict session of a driver did in a forked process."""
    seen: dict[str, Any] = process_result(subject, "sessions-in-a-fork")[0]
    assert_true(isinstance(seen, dict), "no answer of the forked process", seen)
    return seen


@clause("PROCESS-35")
@pytest.mark.parametrize("artifact", at_artifacts(["expression", "logical", "physical"]))
def test_strict_in_a_fork(subject: Subject, artifact: str) -> None:
    """A strict session of a driver refuses an inline frame in a forked process."""
    seen = _seen_in_a_fork(subject)[artifact]
    refused = "inlining is disabled" in seen
    assert_true(refused, f"{artifact}: expected a refusal", seen, kind="no-error")


@clause("PROCESS-35")
def test_registered_in_a_fork(subject: Subject) -> None:
    """UDFs are registered on a driver's session in a forked process. It resolves their names."""
    seen = _seen_in_a_fork(subject)["registered"]
    _assert_result(seen, expected_result("scalar", WORKER), "a UDF that a fork registered")


# The end of workers


@clause("PROCESS-21")
@each_start
def test_workers_end(subject: Subject, start: str) -> None:
    """A worker that decoded and ran expressions exits by itself with code 0."""
    assert_equal(
        process_result(subject, f"trips-{start}")["exit code",], 0, "the exit code of a worker"
    )


SERVICES = ("resource_tracker", "forkserver")
"""Processes of multiprocessing that run as long as the driver."""


@clause("PROCESS-22")
@each_start
def test_nothing_is_left(subject: Subject, start: str) -> None:
    """After a driver has closed its pools, none of its workers runs."""
    left = process_result(subject, f"trips-{start}")["left",]
    workers = [
        process
        for process in left
        if not any(f"import {name}" in process or f".{name} " in process for name in SERVICES)
    ]
    assert_equal(workers, [], "workers that are still running")
