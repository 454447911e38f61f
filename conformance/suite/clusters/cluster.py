"""A cluster as the cases see it: asked, stopped, killed; what came back, held to what must."""

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
    """A driver process with its cluster, both started for the first question."""

    def __init__(self, module: str) -> None:
        """Take a ``module`` with ``start()``, ``stop()`` and the functions to be asked."""
        self.marker = f"{os.getpid()}-{os.urandom(8).hex()}"
        self._module = f"conformance.suite.clusters.{module}"
        self._child = Child()
        self._up = 0
        self._broken = ""

    def ask(self, question: str, *arguments: Any, deadline: float = 60) -> Any:
        """Return what the driver's function ``question`` returns.

        Raises ``Mismatch`` where it does not return.
        """
        if self._child.pid is None or self._child.pid != self._up:
            self._start()
        try:
            return self._child.call(f"{self._module}:{question}", *arguments, deadline=deadline)
        except ChildError as error:
            raise Mismatch(
                failure_kind(error), f"{question}: {error}", seen=error.ended or error.stacks
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
            raise Mismatch("environment", "the cluster does not start", seen=self._broken)
        self._up = self._child.pid or 0

    def stop(self) -> None:
        """Let the driver stop its cluster, and end the driver."""
        self.ask("stop")
        self._child.close()

    def kill(self) -> str:
        """Let the driver hang until a deadline kills its process group; return how it ended."""
        try:
            self._child.call("conformance.suite.clusters.node_functions:hang", deadline=1)
        except ChildError as error:
            return str(error)
        return "it came back"

    def processes(self) -> list[Process]:
        """Return the running processes of the cluster."""
        return tree.heirs(f"{MARKER}={self.marker}")

    def left(self, within: float = 30) -> list[Process]:
        """Return the processes of the cluster that live on after ``within`` seconds.

        They are ended: nothing may outlive the run.
        """
        ends = time.monotonic() + within
        while (found := self.processes()) and time.monotonic() < ends:
            time.sleep(0.1)
        tree.kill(found)
        return found


def expected_result(kind: Kind, whose: str = "sender") -> list[Any]:
    """Return what the expression gives for 1, 2, 3 where the function of this process ran."""
    if kind == "builtin":
        return [2, 1, 0]
    return expected_values(kind, FACTORS[whose])


def assert_values(seen: RemoteResult, expected: list[Any], what: str) -> None:
    """Assert that the driver got these values."""
    if seen.error:
        raise Mismatch("unexpected-error", f"{what}: an error", expected, seen.text)
    assert_result(seen.values, expected, what)


def assert_error(seen: RemoteResult, parts: Sequence[str], what: str) -> None:
    """Assert that the driver got an error whose chain contains every one of ``parts``."""
    if not seen.error:
        raise Mismatch("no-error", f"{what}: no error", "an error", repr(seen.values))
    for part in parts:
        if without_escapes(part) not in without_escapes(seen.text):
            fail_message_lacks(part, what, seen.text)


def refusal_parts(family: Family) -> tuple[str, ...]:
    """Return what a strict session's refusal says of the UDF that is shipped."""
    return (f"{KIND[family]} 'times'", "inlining is disabled on this session")


def assert_no_processes_left(cluster: Cluster, how: str, question: Sequence[Any]) -> None:
    """No process may be left of a cluster that was used and then ``stopped``, or ``killed``."""
    cluster.ask(*question)
    assert_control(bool(cluster.processes()), "no process of a running cluster was found")
    if how == "stopped":
        cluster.stop()
    else:
        assert_message_contains(
            Exception(cluster.kill()), ["killed with its process group"], "a deadline"
        )
    assert_equal(cluster.left(), [], "the processes that are left", kind="processes-left")
