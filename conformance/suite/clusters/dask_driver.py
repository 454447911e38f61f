"""The driver of a Dask cluster: a new one on loopback, or the one at ``CONFORMANCE_DASK``.

Scheduler and workers are separate processes, as in a cluster of several hosts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from distributed import Client, WorkerPlugin
from distributed.deploy.subprocess import SubprocessCluster

from conformance.suite.clusters import node_functions
from conformance.suite.clusters.node_functions import (
    ANSWER_TIMEOUT,
    STARTUP_TIMEOUT,
    Kind,
    RemoteResult,
    capture_result,
    fill_slot,
)
from conformance.suite.helpers.samples import SAMPLES

ADDRESS = "CONFORMANCE_DASK"
PLUGIN = "conformance"
FAILURES = "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"

_up: dict[str, Any] = {}


class SlotPlugin(WorkerPlugin):  # type: ignore[misc]
    """A plugin that fills the worker slot of every worker, as a real deployment would."""

    name = PLUGIN

    def __init__(self, mode: str, registered: str) -> None:
        self.mode, self.registered = mode, registered

    def setup(self, worker: object) -> None:
        """Fill the slot."""
        del worker
        fill_slot("worker", self.mode, self.registered)


class MarkerPlugin(WorkerPlugin):  # type: ignore[misc]
    """A plugin that marks every worker as one that may be killed."""

    name = PLUGIN

    def setup(self, worker: object) -> None:
        """Mark the process."""
        del worker
        node_functions.mark_worker()


def start() -> None:
    """Start a cluster on loopback, or join the given one."""
    if address := os.environ.get(ADDRESS):
        _up["client"] = Client(address, timeout=ANSWER_TIMEOUT)
        node_functions.check_versions(
            _up["client"].run(node_functions.use_subject, os.environ["CONFORMANCE_SUBJECT"])
        )
    else:
        _up["cluster"], _up["client"] = _start_local(1)


def _start_local(workers: int) -> tuple[Any, Any]:
    cluster = SubprocessCluster(
        host="127.0.0.1",
        n_workers=workers,
        threads_per_worker=1,
        # Any free port, since other cells run at the same time.
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
        worker_kwargs={"dashboard_address": "127.0.0.1:0"},
        silence_logs=50,
    )
    client = Client(cluster)
    client.wait_for_workers(workers, timeout=STARTUP_TIMEOUT)
    return cluster, client


def stop() -> None:
    """Stop the cluster, or leave the given one."""
    for name in ("client", "cluster"):
        if name in _up:
            _up.pop(name).close()


def _client() -> Any:
    """Return the client of a cluster that has a worker.

    If the last scenario killed the worker, start a new cluster.
    """
    if "cluster" in _up and not _up["client"].scheduler_info()["workers"]:
        stop()
        start()
    return _up["client"]


@contextmanager
def _filled_worker_slots(way: str, mode: str, registered: str) -> Iterator[Any]:
    """Fill the worker slots of all workers inside the block, and empty all slots afterwards."""
    client = _client()
    if way == "plugin":
        client.register_plugin(SlotPlugin(mode, registered))
    else:
        client.run(fill_slot, "worker", mode, registered)
    try:
        yield client
    finally:
        node_functions.clear_slots()
        if way == "plugin":
            client.unregister_worker_plugin(PLUGIN)
        client.run(node_functions.clear_slots)
        client.run_on_scheduler(node_functions.clear_slots)


def to_worker(
    kind: Kind,
    way: str,
    sender: str,
    worker: str,
    registered: str = "",
    scheduler: str = "none",
    setup: str = "run",
) -> RemoteResult:
    """Ship an expression to a worker, pickled by the driver's sender slot; return the result.

    ``scheduler`` says which slots of the scheduler are filled: ``none``, only the ``worker``
    slot, or ``both``.
    """
    with _filled_worker_slots(setup, worker, registered) as client:
        if scheduler != "none":
            client.run_on_scheduler(fill_slot, "worker", "strict", "scheduler")
        if scheduler == "both":
            client.run_on_scheduler(fill_slot, "sender", "strict")
        fill_slot("sender", sender)
        return capture_result(lambda: _send(client, kind, way))


def _send(client: Any, kind: Kind, way: str) -> Any:
    expr = node_functions.make_expression(kind)
    if way == "run":
        first, *others = client.run(node_functions.evaluate, kind, expr).values()
        return first if others.count(first) == len(others) else [first, *others]
    if way == "map":
        (future,) = client.map(node_functions.evaluate, [kind], [expr], pure=False)
    elif way == "nested":
        future = client.submit(node_functions.evaluate_nested, kind, [{"expr": expr}], pure=False)
    elif way == "keyword":
        future = client.submit(node_functions.evaluate, kind=kind, expr=expr, pure=False)
    elif way == "scatter":
        future = client.submit(
            node_functions.evaluate, kind, client.scatter(expr, hash=False), pure=False
        )
    else:
        future = client.submit(node_functions.evaluate, kind, expr, pure=False)
    return future.result(timeout=ANSWER_TIMEOUT)


def as_bytes(kind: Kind, sender: str, decides: str, worker: str) -> RemoteResult:
    """Ship bytes that the driver encoded with an explicit session; a task decodes them.

    ``decides`` is the mode of the explicit session that decodes; if it is ``none``, the slot
    decides.
    """
    with _filled_worker_slots("run", worker, "worker") as client:
        data = node_functions.encode(kind, sender)
        future = client.submit(node_functions.decode_and_evaluate, kind, data, decides, pure=False)
        return capture_result(lambda: future.result(timeout=ANSWER_TIMEOUT))


def send_back(kind: Kind, answer: str, driver: str) -> RemoteResult:
    """Ship an expression from a worker's sender slot to the driver's worker slot."""
    with _filled_worker_slots("run", "none", "") as client:
        client.run(fill_slot, "sender", answer)
        fill_slot("worker", driver, "driver")

        def ship() -> Any:
            future = client.submit(node_functions.make_answer, kind, pure=False)
            return node_functions.evaluate(kind, future.result(timeout=ANSWER_TIMEOUT))

        return capture_result(ship)


def refusals() -> dict[str, RemoteResult]:
    """Ship inline expressions to strict workers; each family has a worker of its own to lose."""
    cluster, client = _start_local(3)
    try:
        client.run(fill_slot, "worker", "strict", "worker")
        addresses = list(client.scheduler_info()["workers"])
        futures = {
            family: client.submit(
                *(node_functions.evaluate, family, node_functions.make_expression(family)),
                workers=[address],
                pure=False,
            )
            for family, address in zip(SAMPLES, addresses, strict=True)
        }
        return {
            family: capture_result(_wait_for(future, ANSWER_TIMEOUT / 2))
            for family, future in futures.items()
        }
    finally:
        client.close()
        cluster.close()


def kill_worker() -> RemoteResult:
    """Ship an expression that kills its worker while the worker decodes it."""
    os.environ[FAILURES] = "0"  # by default Dask lets three more workers try it
    cluster, client = _start_local(1)
    try:
        client.register_plugin(MarkerPlugin())
        future = client.submit(
            node_functions.evaluate,
            "scalar",
            node_functions.make_deadly_expression(),
            pure=False,
            retries=0,
        )
        return capture_result(_wait_for(future, STARTUP_TIMEOUT))
    finally:
        del os.environ[FAILURES]
        client.close()
        cluster.close()


def _wait_for(future: Any, seconds: float) -> Callable[[], Any]:
    return lambda: future.result(timeout=seconds)
