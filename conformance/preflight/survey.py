"""Run the probe on every node of a cluster, in a process of its own that can be killed."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from concurrent.futures import TimeoutError as FuturesTimeoutError
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from conformance.preflight.answers import telling
from conformance.preflight.interpreters import probe
from conformance.preflight.node_source import DECODER
from conformance.processes.own_package import paths_of_user

CONNECT_TIMEOUT = 20
"""Seconds for a cluster to accept a connection."""

PROBE_TIMEOUT = 60
"""Seconds for the probe of a node, where there is no deadline."""

MARGIN = 0.15
"""The part of a time that is kept to end what is late, so that other answers are not lost."""

NODES_PER_CPU = 4
"""How many interpreters per processor run at once; most of their time they wait for files."""

LOCAL = "local"
"""The address that starts a cluster on this machine for one survey."""

PACKAGES = {"ray": "ray", "dask": "distributed"}
SOURCE = Path(__file__).with_name("probe.py").read_text(encoding="utf-8")


Answers = Iterator["tuple[int, dict[str, Any] | None]"]
"""The number of nodes, first alone and then with the report of each node, as it answers."""


class SurveyError(Exception):
    """The cluster cannot be surveyed; the text gives the reason."""


def require_installed(library: str) -> None:
    """Raise ``SurveyError`` if the library is not installed; interpreters need none."""
    package = PACKAGES.get(library)
    if package and find_spec(package) is None:
        raise SurveyError(
            f"{package} is not installed: python -m pip install {package}, in the cluster's version"
        )


def survey(
    library: str,
    address: str,
    payloads: str,
    shipments: str = "[]",
    pipe: str = os.devnull,
    deadline: float = 180,
) -> list[dict[str, Any]]:
    """Return one report per node, sorted by node; raise ``SurveyError``.

    A node that does not answer is ended before the ``deadline`` in seconds, with an error in its
    report. Each node is counted in ``pipe`` when it has answered.
    With the library ``python``, the address is a list of interpreters: ``name=path``, in lines.
    """
    # What this process needs on its path is no part of the nodes that it starts.
    os.environ["PYTHONPATH"] = os.pathsep.join(paths_of_user())
    found: list[dict[str, Any]] = []
    with telling(pipe) as count:
        for total, report in _SURVEYS[library](
            address, payloads, shipments, deadline * (1 - MARGIN)
        ):
            found += [report] if report else []
            count(len(found), total, str(report["node"]) if report else "")
    return sorted(found, key=lambda report: str(report["node"]))


def _ray(address: str, payloads: str, shipments: str, seconds: float) -> Answers:
    ends = time.monotonic() + seconds
    with connect_ray(address, cpus=1) as ray:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        # Without a module the function is pickled by value, so nodes do not need this package.
        names: dict[str, Any] = {"__name__": "preflight_probe"}
        exec(SOURCE, names)
        on_node = ray.remote(num_cpus=0, max_retries=0)(names["on_node"])
        inside = _inside(max(1, ends - time.monotonic()))
        shipped = ray.put(payloads), inside, DECODER, ray.put(shipments)
        asked: dict[Any, str] = {}
        for node in ray.nodes():
            if node["Alive"]:
                here = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
                name = f"{node['NodeManagerHostname']} {node['NodeID'][:8]}"
                pinned = on_node.options(scheduling_strategy=here)
                asked[pinned.remote(SOURCE, *shipped)] = name
        total = len(asked)
        yield total, None
        while asked:
            left = max(0, ends - time.monotonic())
            ready, late = ray.wait([*asked], timeout=left)
            for answer in ready or late:
                name = asked.pop(answer)
                try:
                    text = ray.get(answer, timeout=1 if ready else 0)
                    yield total, {"node": name, **json.loads(text)}
                except ray.exceptions.RayError as error:
                    yield total, {"node": name, "error": format_error(error)}


@contextmanager
def connect_ray(address: str, cpus: int | None = None) -> Iterator[Any]:
    """Yield ``ray``, connected to a cluster; a local one is started with ``cpus`` or all CPUs.

    Raises ``SurveyError`` if the cluster cannot be reached.
    """
    import ray

    _require_reachable(address)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if address == LOCAL:
        quiet.update(include_dashboard=False, num_cpus=cpus)
    with ExitStack() as stack:
        try:
            ray.init(address, **quiet)
        except (OSError, RuntimeError, ValueError) as error:
            # Ray's own message omits the cause, for example a missing token.
            why = f" ({format_error(error.__cause__)})" if error.__cause__ else ""
            message = " ".join(str(error).split())
            raise SurveyError(f"no Ray cluster at {address}: {message}{why}") from error
        stack.callback(ray.shutdown)
        yield ray


def _require_reachable(address: str) -> None:
    """Raise ``SurveyError`` if the port is closed; Ray itself would retry for minutes."""
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    if colon and port.isdecimal():
        try:
            socket.create_connection((host, int(port)), timeout=CONNECT_TIMEOUT / 2).close()
        except OSError as error:
            raise SurveyError(f"no Ray cluster at {address}: {format_error(error)}") from error


def _dask(address: str, payloads: str, shipments: str, seconds: float) -> Answers:
    ends = time.monotonic() + seconds
    from distributed import Client
    from distributed.deploy.subprocess import SubprocessCluster

    with ExitStack() as stack:
        where: Any = address
        if address == LOCAL:
            anywhere = {"dashboard_address": "127.0.0.1:0"}
            cluster = SubprocessCluster(
                host="127.0.0.1",
                n_workers=1,
                scheduler_kwargs=dict(anywhere),
                worker_kwargs=dict(anywhere),
                silence_logs=50,
            )
            where = stack.enter_context(cluster)
        try:
            client = stack.enter_context(Client(where, timeout=CONNECT_TIMEOUT))
        except (OSError, ValueError) as error:
            raise SurveyError(f"no Dask scheduler at {address}: {format_error(error)}") from error
        if address == LOCAL:
            client.wait_for_workers(1, timeout=PROBE_TIMEOUT)
        # A string and a built-in function: a worker of any Python can unpickle these.
        inside = _inside(max(1, ends - time.monotonic()))
        text = expression(payloads, shipments, inside)
        names = [*client.ncores()]
        yield len(names), None

        def ask(name: str) -> dict[str, Any]:
            answer = client.run(eval, text, workers=[name], on_error="return")[name]
            if isinstance(answer, BaseException):
                return {"node": name, "error": format_error(answer)}
            return {"node": name, **json.loads(answer)}

        pool = ThreadPoolExecutor(max_workers=max(1, len(names)))
        asked = {pool.submit(ask, name): name for name in names}
        try:
            for done in as_completed([*asked], timeout=max(0, ends - time.monotonic())):
                del asked[done]
                yield len(names), done.result()
        except FuturesTimeoutError:
            for name in asked.values():
                yield len(names), {"node": name, "error": f"no answer within {seconds:.3g} s"}
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _inside(seconds: float) -> float:
    """Return the time of a probe inside a node that has so many seconds, its start included."""
    return seconds * (1 - MARGIN)


def expression(payloads: str, shipments: str, seconds: float = PROBE_TIMEOUT) -> str:
    """Return the source of an expression that probes the process that evaluates it."""
    given = SOURCE, payloads, seconds, DECODER, shipments
    return (
        f"(lambda names: (exec({SOURCE!r}, names), names['on_node'](*{given!r}))[1])"
        "({'__name__': 'preflight_probe'})"
    )


def _python(address: str, payloads: str, shipments: str, seconds: float) -> Answers:
    """Probe interpreters of this machine; they share the time if they cannot run at once."""
    lines = address.splitlines()
    at_once = min(len(lines), NODES_PER_CPU * (os.cpu_count() or 1))
    each = seconds / -(-len(lines) // at_once)
    text = expression(payloads, shipments, _inside(each))
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        yield len(lines), None
        for done in as_completed([pool.submit(probe, line, text, each) for line in lines]):
            yield len(lines), done.result()


_SURVEYS: dict[str, Callable[[str, str, str, float], Answers]] = {
    "ray": _ray,
    "dask": _dask,
    "python": _python,
}


def format_error(error: BaseException) -> str:
    """Return an error on one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[-1] if lines else 'no message'}"
