"""Run the probe on every node of a cluster, in a process of its own that can be killed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from conformance.preflight.answers import telling
from conformance.preflight.node_source import DECODER
from conformance.processes.own_package import paths_of_user

CONNECT_TIMEOUT = 20
"""Seconds for a cluster to accept a connection."""

PROBE_TIMEOUT = 60
"""Seconds for the probe of a node."""

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
    library: str, address: str, payloads: str, shipments: str = "[]", pipe: str = os.devnull
) -> list[dict[str, Any]]:
    """Return one report per node, sorted by node; raise ``SurveyError``.

    Each node is counted in ``pipe`` when it has answered.
    With the library ``python``, the address is a list of interpreters: ``name=path``, in lines.
    """
    # What this process needs on its path is no part of the nodes that it starts.
    os.environ["PYTHONPATH"] = os.pathsep.join(paths_of_user())
    found: list[dict[str, Any]] = []
    with telling(pipe) as count:
        for total, report in _SURVEYS[library](address, payloads, shipments):
            found += [report] if report else []
            count(len(found), total, str(report["node"]) if report else "")
    return sorted(found, key=lambda report: str(report["node"]))


def _ray(address: str, payloads: str, shipments: str) -> Answers:
    with connect_ray(address, cpus=1) as ray:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        # Without a module the function is pickled by value, so nodes do not need this package.
        names: dict[str, Any] = {"__name__": "preflight_probe"}
        exec(SOURCE, names)
        probe = ray.remote(num_cpus=0, max_retries=0)(names["on_node"])
        shipped = ray.put(payloads), PROBE_TIMEOUT, DECODER, ray.put(shipments)
        asked: dict[Any, str] = {}
        for node in ray.nodes():
            if node["Alive"]:
                here = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
                name = f"{node['NodeManagerHostname']} {node['NodeID'][:8]}"
                pinned = probe.options(scheduling_strategy=here)
                asked[pinned.remote(SOURCE, *shipped)] = name
        total = len(asked)
        yield total, None
        while asked:
            ready, late = ray.wait([*asked], timeout=PROBE_TIMEOUT + CONNECT_TIMEOUT)
            for answer in ready or late:
                name = asked.pop(answer)
                try:
                    yield total, {"node": name, **json.loads(ray.get(answer, timeout=1))}
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


def _dask(address: str, payloads: str, shipments: str) -> Answers:
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
        text = expression(payloads, shipments)
        names = [*client.ncores()]
        yield len(names), None

        def probe(name: str) -> dict[str, Any]:
            answer = client.run(eval, text, workers=[name], on_error="return")[name]
            if isinstance(answer, BaseException):
                return {"node": name, "error": format_error(answer)}
            return {"node": name, **json.loads(answer)}

        with ThreadPoolExecutor(max_workers=max(1, len(names))) as pool:
            for done in as_completed([pool.submit(probe, name) for name in names]):
                yield len(names), done.result()


def expression(payloads: str, shipments: str) -> str:
    """Return the source of an expression that probes the process that evaluates it."""
    given = SOURCE, payloads, PROBE_TIMEOUT, DECODER, shipments
    return (
        f"(lambda names: (exec({SOURCE!r}, names), names['on_node'](*{given!r}))[1])"
        "({'__name__': 'preflight_probe'})"
    )


def _python(address: str, payloads: str, shipments: str) -> Answers:
    """Probe interpreters of this machine, each with what is installed for it."""
    # Python puts the current folder, which is the driver's, on the path for -c.
    code = "import sys; sys.path[:] = filter(None, sys.path); print(eval(sys.stdin.read()))"
    text = expression(payloads, shipments)

    def probe(line: str) -> dict[str, Any]:
        name, _, python = line.partition("=")
        try:
            run = subprocess.run(
                [python, "-c", code],
                input=text,
                capture_output=True,
                text=True,
                timeout=PROBE_TIMEOUT + CONNECT_TIMEOUT,
                check=True,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return {"node": name, "error": format_error(error)}
        except subprocess.CalledProcessError as error:
            lines = error.stderr.strip().splitlines() or [f"exit code {error.returncode}"]
            return {"node": name, "error": lines[-1]}
        return {"node": name, **json.loads(run.stdout)}

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        lines = address.splitlines()
        yield len(lines), None
        for done in as_completed([pool.submit(probe, line) for line in lines]):
            yield len(lines), done.result()


_SURVEYS: dict[str, Callable[[str, str, str], Answers]] = {
    "ray": _ray,
    "dask": _dask,
    "python": _python,
}


def format_error(error: BaseException) -> str:
    """Return an error on one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[-1] if lines else 'no message'}"
