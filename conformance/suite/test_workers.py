"""Workers that refuse, die or hang: the driver gets an error, and gets it in time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from conformance.runner.assertions import assert_equal, assert_result, assert_true
from conformance.subjects.interface import Subject
from conformance.suite.helpers.markers import clause
from conformance.suite.processes.results import FAILURES, SHARED_TRANSPORTS, worker_result
from conformance.suite.processes.worker_functions import FAMILIES, NAME, SENDER, expected_result

pytestmark = pytest.mark.deadline(110)  # the first case waits for all the trials of the chapter


def _each(message: str) -> pytest.MarkDecorator:
    """The routes of that message."""
    routes = [(start, transport) for sent, start, transport in FAILURES if sent == message]
    return pytest.mark.parametrize(("start", "transport"), routes, ids=lambda value: value)


def _error(subject: Subject, message: str, start: str, transport: str) -> str:
    """The error that the driver got."""
    seen = worker_result(subject, f"{message}-{start}-{transport}")
    what = f"{message} by {transport}, {start}"
    assert_true(isinstance(seen, str), f"{what}: no error", seen, kind="no-error")
    return str(seen)


def _says(error: str, parts: Iterable[str], what: str) -> None:
    for part in parts:
        assert_true(part in error, f"{what}: the error lacks {part!r}", error, kind="message-lacks")


@clause("WORKER-01")
@_each("refused")
def test_refused(subject: Subject, start: str, transport: str) -> None:
    """A worker that refuses a frame: the driver gets an error, which is the refusal."""
    error = _error(subject, "refused", start, transport)
    _says(error, [f"'{NAME}'", "inlining is disabled on this session"], f"{transport}, {start}")


@clause("WORKER-02")
def test_refused_arguments(subject: Subject) -> None:
    """A process that refuses one of its arguments ends with an error."""
    assert_equal(worker_result(subject, "exit-codes")["refused"], 1, "the exit code")


@clause("WORKER-03")
@_each("unregistered")
def test_unresolved(subject: Subject, start: str, transport: str) -> None:
    """A worker that has no function of a name: the driver gets an error that says the name."""
    error = _error(subject, "unregistered", start, transport)
    _says(error, [NAME], f"{transport}, {start}")


@clause("WORKER-04")
@_each("killed")
def test_killed_while_decoding(subject: Subject, start: str, transport: str) -> None:
    """A worker that is killed while it decodes: the driver gets an error."""
    _error(subject, "killed", start, transport)


@clause("WORKER-05")
def test_killed_in_its_arguments(subject: Subject) -> None:
    """A process that is killed while it decodes its arguments is told by its exit code."""
    assert_equal(worker_result(subject, "exit-codes")["killed"], -9, "the exit code")


@clause("WORKER-06")
@_each("interrupted")
def test_interrupted_while_decoding(subject: Subject, start: str, transport: str) -> None:
    """What is no ``Exception`` and is raised while a worker decodes is an error of the driver."""
    error = _error(subject, "interrupted", start, transport)
    _says(error, ["KeyboardInterrupt"], f"{transport}, {start}")


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
    """A worker runs the query that its driver ran before: of one partition, of many."""
    before, after = worker_result(subject, f"after-{kind}-{start}")
    assert_equal(before, expected, "in the driver")
    assert_equal(after, expected, f"in a worker by {start}")


@clause("WORKER-08")
def test_decoding_after_queries(subject: Subject) -> None:
    """A worker that was forked after a query decodes and encodes."""
    seen = worker_result(subject, "decoding-after-queries")
    assert_result(seen, dict.fromkeys(FAMILIES, True), "whether the expression came back the same")


@clause("WORKER-09")
@pytest.mark.parametrize("transport", SHARED_TRANSPORTS)
def test_threads_share_a_pool(subject: Subject, transport: str) -> None:
    """Of four threads that send through one pool at the same time, each gets its own results."""
    expected: dict[int, Any] = {
        factor: [expected_result("scalar", factor)] * 10 for factor in range(2, 6)
    }
    assert_equal(worker_result(subject, f"shared-{transport}"), expected, "what the threads got")


@clause("WORKER-10")
def test_nested(subject: Subject) -> None:
    """A worker hands an expression on to a worker of its own."""
    expected = {family: expected_result(family, SENDER) for family in FAMILIES}
    assert_equal(worker_result(subject, "nested"), expected, "what the inner worker gave")
