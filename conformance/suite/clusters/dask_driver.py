"""A driver of a Dask cluster: on loopback, or the one that ``CONFORMANCE_DASK`` names.

Scheduler and workers are processes of their own, as in a cluster of several hosts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from distributed import Client, WorkerPlugin
from distributed.deploy.subprocess import SubprocessCluster

from conformance.suite.clusters import node_functions
from conformance.suite.clusters.node_functions import PATIENCE, STARTING, Kind, Told, install, told
from conformance.suite.helpers.samples import SAMPLES

ADDRESS = "CONFORMANCE_DASK"
PLUGIN = "conformance"
FAILURES = "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"

_up: dict[str, Any] = {}


class Installs(WorkerPlugin):  # type: ignore[misc]
    """Fills the worker slot of every worker, as a fleet would."""

    name = PLUGIN

    def __init__(self, mode: str, registered: str) -> None:
        self.mode, self.registered = mode, registered

    def setup(self, worker: object) -> None:
        """Fill it."""
        del worker
        install("worker", self.mode, self.registered)


class Marks(WorkerPlugin):  # type: ignore[misc]
    """Marks every worker as one that may die."""

    name = PLUGIN

    def setup(self, worker: object) -> None:
        """Mark it."""
        del worker
        node_functions.mark_worker()


def start() -> None:
    """Start a cluster on loopback, or joins the one that is given."""
    if address := os.environ.get(ADDRESS):
        _up["client"] = Client(address, timeout=PATIENCE)
        node_functions.must_fit(
            _up["client"].run(node_functions.use, os.environ["CONFORMANCE_SUBJECT"])
        )
    else:
        _up["cluster"], _up["client"] = _local(1)


def _local(workers: int) -> tuple[Any, Any]:
    cluster = SubprocessCluster(
        host="127.0.0.1",
        n_workers=workers,
        threads_per_worker=1,
        # Any port: other cells run at the same time.
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
        worker_kwargs={"dashboard_address": "127.0.0.1:0"},
        silence_logs=50,
    )
    client = Client(cluster)
    client.wait_for_workers(workers, timeout=STARTING)
    return cluster, client


def stop() -> None:
    """Stop the cluster, or leaves the one that was given."""
    for name in ("client", "cluster"):
        if name in _up:
            _up.pop(name).close()


def _client() -> Any:
    """Return the client of a cluster that has a worker.

    If the last observation ended the cluster, start a new one.
    """
    if "cluster" in _up and not _up["client"].scheduler_info()["workers"]:
        stop()
        start()
    return _up["client"]


@contextmanager
def _installed(way: str, mode: str, registered: str) -> Iterator[Any]:
    """Every worker has a session in its worker slot; all slots are empty afterwards."""
    client = _client()
    if way == "plugin":
        client.register_plugin(Installs(mode, registered))
    else:
        client.run(install, "worker", mode, registered)
    try:
        yield client
    finally:
        node_functions.forget()
        if way == "plugin":
            client.unregister_worker_plugin(PLUGIN)
        client.run(node_functions.forget)
        client.run_on_scheduler(node_functions.forget)


def to_worker(
    kind: Kind,
    way: str,
    sender: str,
    worker: str,
    registered: str = "",
    scheduler: str = "none",
    setup: str = "run",
) -> Told:
    """Return an expression on its ``way`` to a worker, by the driver's sender slot.

    ``scheduler`` says what stands in the scheduler's slots: nothing, a session
    in the ``worker`` slot, or in ``both``.
    """
    with _installed(setup, worker, registered) as client:
        if scheduler != "none":
            client.run_on_scheduler(install, "worker", "strict", "scheduler")
        if scheduler == "both":
            client.run_on_scheduler(install, "sender", "strict")
        install("sender", sender)
        return told(lambda: _ship(client, kind, way))


def _ship(client: Any, kind: Kind, way: str) -> Any:
    expr = node_functions.expression(kind)
    if way == "run":
        first, *others = client.run(node_functions.values, kind, expr).values()
        return first if others.count(first) == len(others) else [first, *others]
    if way == "map":
        (future,) = client.map(node_functions.values, [kind], [expr], pure=False)
    elif way == "nested":
        future = client.submit(node_functions.values_in, kind, [{"expr": expr}], pure=False)
    elif way == "keyword":
        future = client.submit(node_functions.values, kind=kind, expr=expr, pure=False)
    elif way == "scatter":
        future = client.submit(
            node_functions.values, kind, client.scatter(expr, hash=False), pure=False
        )
    else:
        future = client.submit(node_functions.values, kind, expr, pure=False)
    return future.result(timeout=PATIENCE)


def as_bytes(kind: Kind, sender: str, decides: str, worker: str) -> Told:
    """Bytes that the driver made with an explicit session, decoded within the task.

    ``decides`` is the explicit session's mode, or ``none``: then the slot decides.
    """
    with _installed("run", worker, "worker") as client:
        data = node_functions.sent(kind, sender)
        future = client.submit(node_functions.values_of, kind, data, decides, pure=False)
        return told(lambda: future.result(timeout=PATIENCE))


def back(kind: Kind, answer: str, driver: str) -> Told:
    """Return a worker's expression, by its sender slot, on the way to the driver's worker slot."""
    with _installed("run", "none", "") as client:
        client.run(install, "sender", answer)
        install("worker", driver, "driver")

        def ship() -> Any:
            future = client.submit(node_functions.answer, kind, pure=False)
            return node_functions.values(kind, future.result(timeout=PATIENCE))

        return told(ship)


def refusals() -> dict[str, Told]:
    """Inline expressions for strict workers, by family: each has a worker of its own, to lose."""
    cluster, client = _local(3)
    try:
        client.run(install, "worker", "strict", "worker")
        addresses = list(client.scheduler_info()["workers"])
        futures = {
            family: client.submit(
                *(node_functions.values, family, node_functions.expression(family)),
                workers=[address],
                pure=False,
            )
            for family, address in zip(SAMPLES, addresses, strict=True)
        }
        return {family: told(_waiter(future, PATIENCE / 2)) for family, future in futures.items()}
    finally:
        client.close()
        cluster.close()


def deadly() -> Told:
    """Return a task that ends its worker while that decodes the argument."""
    os.environ[FAILURES] = "0"  # else Dask has three more workers die of it
    cluster, client = _local(1)
    try:
        client.register_plugin(Marks())
        future = client.submit(
            node_functions.values, "scalar", node_functions.deadly(), pure=False, retries=0
        )
        return told(_waiter(future, STARTING))
    finally:
        del os.environ[FAILURES]
        client.close()
        cluster.close()


def _waiter(future: Any, seconds: float) -> Callable[[], Any]:
    return lambda: future.result(timeout=seconds)
