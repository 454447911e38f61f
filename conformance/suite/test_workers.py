"""Workers that refuse, crash or hang: the driver gets an error in time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from conformance.runner.assertions import assert_equal, assert_result, assert_true
from conformance.subjects.interface import Subject
from conformance.suite.helpers.markers import clause
from conformance.suite.processes.results import FAILURES, SHARED_TRANSPORTS, job, worker_result
from conformance.suite.processes.worker_functions import FAMILIES, NAME, SENDER, expected_result

JOB = job("WORKER")
pytestmark = pytest.mark.deadline(200)  # run alone, the first case waits for the job


def _each_route(message: str) -> pytest.MarkDecorator:
    """Parametrize a case with the routes of a message."""
    routes = [(start, transport) for sent, start, transport in FAILURES if sent == message]
    return pytest.mark.parametrize(("start", "transport"), routes, ids=lambda value: value)


def _error(subject: Subject, message: str, start: str, transport: str) -> str:
    """Return the error that the driver got."""
    seen = worker_result(subject, f"{message}-{start}-{transport}")
    what = f"{message} by {transport}, {start}"
    assert_true(isinstance(seen, str), f"{what}: no error", seen, kind="no-error")
    return str(seen)


def _assert_contains(error: str, parts: Iterable[str], what: str) -> None:
    for part in parts:
        assert_true(part in error, f"{what}: the error lacks {part!r}", error, kind="message-lacks")


@clause("WORKER-01")
@_each_route("refused")
def test_refused(subject: Subject, start: str, transport: str) -> None:
    """If a worker refuses a frame, the driver gets the refusal as an error."""
    error = _error(subject, "refused", start, transport)
    _assert_contains(error, [NAME, "inlining is disabled"], f"{transport}, {start}")


@clause("WORKER-02")
def test_refused_arguments(subject: Subject) -> None:
    """A process that refuses one of its arguments exits with an error."""
    assert_equal(worker_result(subject, "exit-codes")["refused"], 1, "the exit code")


@clause("WORKER-03")
@_each_route("unregistered")
def test_unresolved(subject: Subject, start: str, transport: str) -> None:
    """If a worker cannot resolve a name, the driver gets an error with the name."""
    error = _error(subject, "unregistered", start, transport)
    _assert_contains(error, [NAME], f"{transport}, {start}")


@clause("WORKER-04")
@_each_route("killed")
def test_killed_while_decoding(subject: Subject, start: str, transport: str) -> None:
    """If a worker is killed while it decodes, the driver gets an error."""
    _error(subject, "killed", start, transport)


@clause("WORKER-05")
def test_killed_in_its_arguments(subject: Subject) -> None:
    """The exit code shows that a process was killed while it decoded its arguments."""
    assert_equal(worker_result(subject, "exit-codes")["killed"], -9, "the exit code")


@clause("WORKER-06")
@_each_route("interrupted")
def test_interrupted_while_decoding(subject: Subject, start: str, transport: str) -> None:
    """An exception in a worker's decoding that is no ``Exception`` is an error in the driver."""
    error = _error(subject, "interrupted", start, transport)
    _assert_contains(error, ["KeyboardInterrupt"], f"{transport}, {start}")


@clause("WORKER-07")
@pytest.mark.parametrize(
    ("start", "kind", "expected"),
    [
        ("fork", "small", expected_result("scalar", SENDER)),
        *((start, "big", [56, 112]) for start in ("fork", "forkserver", "spawn")),
    ],
    ids=["fork-small", "fork-big", "forkserver-big", "spawn-big"],
)
def test_after_queries(subject: Subject, start: str, kind: str, expected: list[int]) -> None:
    """A worker can run the query that its driver ran before, of one partition or of many."""
    before, after = worker_result(subject, f"after-{kind}-{start}")
    assert_equal(before, expected, "in the driver")
    assert_equal(after, expected, f"in a worker by {start}")


@clause("WORKER-08")
def test_decoding_after_queries(subject: Subject) -> None:
    """A worker that was forked after a query decodes and encodes."""
    seen = worker_result(subject, "decoding-after-queries")
    assert_result(
        seen, dict.fromkeys(FAMILIES, True), "the families whose expression came back unchanged"
    )


@clause("WORKER-11")
def test_forked_in_a_decode(subject: Subject) -> None:
    """A worker that was forked while another thread of its driver decoded decodes and encodes."""
    seen = worker_result(subject, "forked-in-a-decode")
    assert_result(
        seen, dict.fromkeys(FAMILIES, True), "the families whose expression came back unchanged"
    )


@clause("WORKER-09")
@pytest.mark.parametrize("transport", SHARED_TRANSPORTS)
def test_threads_share_a_pool(subject: Subject, transport: str) -> None:
    """Four threads that send through one pool at the same time each get their own results."""
    expected: dict[int, Any] = {
        factor: [expected_result("scalar", factor)] * 10 for factor in range(2, 6)
    }
    assert_equal(
        worker_result(subject, f"shared-{transport}"), expected, "the results of the threads"
    )


@clause("WORKER-10")
def test_nested(subject: Subject) -> None:
    """A worker sends an expression to a worker of its own, which runs the UDF."""
    expected = {family: expected_result(family, SENDER) for family in FAMILIES}
    assert_equal(worker_result(subject, "nested"), expected, "the results of the inner worker")
