"""A cluster as cases use it: call its driver, stop it, kill it, check its results."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import Any

from conformance.catalogue.nodes import Family
from conformance.processes import tree
from conformance.processes.child import Child, ChildError, failure_kind
from conformance.processes.tree import Process
from conformance.runner.assertions import (
    Mismatch,
    assert_control,
    assert_equal,
    assert_message_contains,
    assert_result,
    fail_message_lacks,
    without_escapes,
)
from conformance.suite.clusters.node_functions import FACTORS, MARKER, Kind, RemoteResult
from conformance.suite.helpers.same_name_udfs import expected_values
from conformance.suite.helpers.samples import KIND


class Cluster:
    """A driver process and its cluster, both started by the first call."""

    def __init__(self, module: str) -> None:
        """Take the name of a driver module, which has ``start()`` and ``stop()``."""
        self.marker = f"{os.getpid()}-{os.urandom(8).hex()}"
        self._module = f"conformance.suite.clusters.{module}"
        self._child = Child()
        self._up = 0
        self._broken = ""

    def call(self, function: str, *arguments: Any, deadline: float = 60) -> Any:
        """Call the driver's ``function``; raise ``Mismatch`` if the driver fails."""
        if self._child.pid is None or self._child.pid != self._up:
            self._start()
        try:
            return self._child.call(f"{self._module}:{function}", *arguments, deadline=deadline)
        except ChildError as error:
            raise Mismatch(
                failure_kind(error), f"{function}: {error}", seen=error.exit_name or error.stacks
            ) from error

    def _start(self) -> None:
        spec = os.environ["CONFORMANCE_SUBJECT"]
        try:
            if not self._broken:
                self._child.call(
                    *(
                        "conformance.suite.clusters.node_functions:open_driver",
                        spec,
                        sys.path,
                        self.marker,
                    ),
                    deadline=60,
                )
                self._child.call(f"{self._module}:start", deadline=90)
        except ChildError as error:
            self._broken = f"{error}\n{error.stacks}"
        if self._broken:
            raise Mismatch("environment", "the cluster did not start", seen=self._broken)
        self._up = self._child.pid or 0

    def stop(self) -> None:
        """Stop the cluster and its driver."""
        self.call("stop")
        self._child.close()

    def kill(self) -> str:
        """Make the driver hang until a deadline kills its process group; return the error text."""
        try:
            self._child.call("conformance.suite.clusters.node_functions:hang", deadline=1)
        except ChildError as error:
            return str(error)
        return "the call returned"

    def processes(self) -> list[Process]:
        """Return the running processes of the cluster."""
        return tree.processes_with_env(f"{MARKER}={self.marker}")

    def kill_leftovers(self, within: float = 30) -> list[Process]:
        """Return the processes of the cluster that still run after ``within`` seconds.

        They are killed, since no process may outlive the run.
        """
        deadline = time.monotonic() + within
        while (found := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        tree.kill(found)
        return found


def expected_result(kind: Kind, process: str = "sender") -> list[Any]:
    """Return the expression's result for 1, 2, 3 if the UDF of this process ran."""
    if kind == "builtin":
        return [2, 1, 0]
    return expected_values(kind, FACTORS[process])


def assert_values(outcome: RemoteResult, expected: list[Any], what: str) -> None:
    """Assert that the driver got these values."""
    if outcome.error:
        raise Mismatch("unexpected-error", f"{what}: got an error", expected, outcome.text)
    assert_result(outcome.values, expected, what)


def assert_error(outcome: RemoteResult, parts: Sequence[str], what: str) -> None:
    """Assert that the driver got an error whose chain contains each of ``parts``."""
    if not outcome.error:
        raise Mismatch("no-error", f"{what}: no error", "an error", repr(outcome.values))
    for part in parts:
        if without_escapes(part) not in without_escapes(outcome.text):
            fail_message_lacks(part, what, outcome.text)


def refusal_parts(family: Family) -> tuple[str, ...]:
    """Return the parts of a strict session's refusal of the shipped UDF."""
    kind = f"inline Python {KIND[family]}"
    return ("UDF 'times'", kind, "inlining is disabled on this session")


def assert_no_processes_left(cluster: Cluster, how: str, call: Sequence[Any]) -> None:
    """Assert that a cluster in use leaves no process after it is ``stopped`` or ``killed``."""
    cluster.call(*call)
    assert_control(bool(cluster.processes()), "no process of the running cluster was found")
    if how == "stopped":
        cluster.stop()
    else:
        assert_message_contains(
            Exception(cluster.kill()), ["killed with its process group"], "a deadline"
        )
    assert_equal(
        cluster.kill_leftovers(),
        [],
        "the processes that outlive the cluster",
        kind="processes-left",
    )
