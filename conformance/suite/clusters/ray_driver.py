"""The driver of a Ray cluster: a new one on loopback, or the one at ``CONFORMANCE_RAY``."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import ray

from conformance.subjects.interface import Expression
from conformance.suite.clusters import node_functions
from conformance.suite.clusters.node_functions import (
    ANSWER_TIMEOUT,
    STARTUP_TIMEOUT,
    Kind,
    RemoteResult,
    capture_result,
    fill_slot,
)
from conformance.suite.helpers.samples import once

ADDRESS = "CONFORMANCE_RAY"


class Actor:
    """An actor whose constructor fills the worker slot."""

    def __init__(self, mode: str, registered: str) -> None:
        fill_slot("worker", mode, registered)

    def ready(self) -> None:
        """Return as soon as the actor is up."""

    def values(self, kind: Kind, expr: Expression) -> list[Any]:
        """Evaluate an argument."""
        return node_functions.evaluate(kind, expr)

    def values_in(self, kind: Kind, nested: Any) -> list[Any]:
        """Evaluate an expression nested in an argument."""
        return node_functions.evaluate_nested(kind, nested)

    def answer(self, kind: Kind, mode: str) -> Expression:
        """Return an expression, pickled with a session of ``mode`` in the sender slot."""
        fill_slot("sender", mode)
        return node_functions.make_answer(kind)

    def mark(self) -> None:
        """Mark the process as a worker that may be killed."""
        node_functions.mark_worker()


class AsyncActor(Actor):
    """An actor whose method is a coroutine."""

    async def values(self, kind: Kind, expr: Expression) -> list[Any]:  # type: ignore[override]
        """Evaluate an argument."""
        return node_functions.evaluate(kind, expr)


ACTORS: dict[str, tuple[type, dict[str, Any]]] = {
    "plain": (Actor, {}),
    "async": (AsyncActor, {}),
    "threads": (Actor, {"max_concurrency": 2}),
}


def start() -> None:
    """Start a cluster on loopback, or join the given one."""
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address := os.environ.get(ADDRESS):
        spec = os.environ["CONFORMANCE_SUBJECT"]
        ray.init(address, runtime_env={"env_vars": {"CONFORMANCE_SUBJECT": spec}}, **quiet)
        seen = ray.get(ray.remote(node_functions.use_subject).remote(spec), timeout=STARTUP_TIMEOUT)
        node_functions.check_versions({"a worker": seen})
        return
    ray.init(
        "local",
        num_cpus=2,
        include_dashboard=False,
        object_store_memory=100_000_000,
        _node_ip_address="127.0.0.1",
        **quiet,
    )


def stop() -> None:
    """Stop the cluster, or leave the given one."""
    ray.shutdown()


def _capture_result(work: Callable[[], Any]) -> RemoteResult:
    """Call ``work`` and return its result or error; empty the driver's slots afterwards."""
    try:
        return capture_result(work)
    finally:
        node_functions.clear_slots()


@once
def _actor(which: str, mode: str, registered: str) -> Any:
    """Return an actor of the kind ``which``.

    Actors are reused, since a worker process takes seconds to start.
    """
    made, options = ACTORS[which]
    actor = ray.remote(made).options(num_cpus=0, **options).remote(mode, registered)
    ray.get(actor.ready.remote(), timeout=STARTUP_TIMEOUT)
    return actor


def to_actor(
    kind: Kind, way: str, sender: str, worker: str, registered: str = "", which: str = "plain"
) -> RemoteResult:
    """Ship an expression to an actor, pickled by the driver's sender slot; return the result."""
    actor = _actor(which, worker, registered)

    def ship() -> Any:
        fill_slot("sender", sender)
        expr = node_functions.make_expression(kind)
        if way == "argument":
            sent = actor.values.remote(kind, expr)
        elif way == "keyword":
            sent = actor.values.remote(kind=kind, expr=expr)
        elif way == "nested":
            sent = actor.values_in.remote(kind, [{"expr": expr}])
        else:
            sent = actor.values.remote(kind, ray.put(expr))
        return ray.get(sent, timeout=ANSWER_TIMEOUT)

    return _capture_result(ship)


def to_task(kind: Kind, way: str, sender: str) -> RemoteResult:
    """Ship an expression to a task on a worker without a session; return the result."""

    def ship() -> Any:
        fill_slot("sender", sender)
        expr = node_functions.make_expression(kind)
        if way == "argument":
            return ray.get(
                ray.remote(node_functions.evaluate).remote(kind, expr), timeout=STARTUP_TIMEOUT
            )

        def task() -> list[Any]:
            return node_functions.evaluate(kind, expr)

        return ray.get(ray.remote(task).remote(), timeout=STARTUP_TIMEOUT)

    return _capture_result(ship)


def send_back(kind: Kind, answer: str, driver: str) -> RemoteResult:
    """Ship an expression from a worker's sender slot to the driver's worker slot."""
    actor = _actor("plain", "none", "")

    def ship() -> Any:
        sent = actor.answer.remote(kind, answer)
        fill_slot("worker", driver, "driver")
        return node_functions.evaluate(kind, ray.get(sent, timeout=ANSWER_TIMEOUT))

    return _capture_result(ship)


def kill_worker() -> RemoteResult:
    """Ship an expression that kills its worker while the worker decodes it."""
    actor = ray.remote(Actor).options(num_cpus=0).remote("none", "")
    ray.get(actor.mark.remote(), timeout=STARTUP_TIMEOUT)
    expr = node_functions.make_deadly_expression()
    return _capture_result(
        lambda: ray.get(actor.values.remote("scalar", expr), timeout=ANSWER_TIMEOUT)
    )
