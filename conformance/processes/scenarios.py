"""Scenarios that may hang or crash, each in a fork of one clean process, under deadlines.

A scenario is a generator function. It yields once, when all processes that it needs are up, and
returns its observations. A long one calls ``heartbeat``. All scenarios start together and continue
together when the last one is up. When no scenario has sent a heartbeat for a while, the unfinished
ones count as hung. Ten hung scenarios thus cost one timeout. How long the while is shows in what
works: a machine on which processes start slowly, or heartbeats come late, gets more time.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import select
import struct
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Collection, Generator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, NoReturn

from conformance.processes import tree
from conformance.processes.child import describe_exit
from conformance.util.kinds import Kind

STARTUP_TIMEOUT = 90.0
"""Seconds that the scenarios have until all of their processes are up."""

TOTAL_TIMEOUT = 90.0
"""Seconds that a scenario has from then on, even with heartbeats."""

IDLE_TIMEOUT = 6.0
"""Seconds without a heartbeat of any scenario after which the unfinished ones may be hung."""

PATIENCE = 5.0
"""How much longer than between any two heartbeats before, they get."""

_POLL_INTERVAL = 0.25
"""Seconds between two checks that a silent scenario is still alive."""

_HEARTBEAT = b"!"
"""The message of a scenario that is up, and of each heartbeat."""

_REPORT = b"="
"""The first byte of a report; its length and its content follow."""

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class Scenario:
    """A generator function (``module:function``) and its arguments."""

    target: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class ScenarioResult:
    """The outcome of a scenario: its ``value``, or its ``failure`` with stacks and output."""

    value: Any = None
    kind: Kind = "unexpected-error"
    failure: str = ""
    output: str = ""


@dataclass
class _Running:
    """A scenario and the process in which it runs."""

    scenario: Scenario
    pid: int
    reports: int
    go: int
    output: IO[bytes]
    received: bytearray = field(default_factory=bytearray)
    status: int | None = None
    """The wait status of the process, once it has ended."""

    @property
    def up(self) -> bool:
        return bool(self.received)

    @property
    def report(self) -> bytes | None:
        """The complete report, also while a fork of the scenario holds the pipe open."""
        _, equals, rest = self.received.partition(_REPORT)
        if len(rest) < _LENGTH.size or not equals:
            return None
        (length,) = _LENGTH.unpack_from(rest)
        content = bytes(rest[_LENGTH.size :])
        return content if len(content) == length else None

    @property
    def done(self) -> bool:
        return self.report is not None or self.status is not None

    def read(self) -> bool:
        """Read the messages that have arrived; return whether there were any."""
        before = len(self.received)
        while select.select([self.reports], (), (), 0)[0]:
            part = os.read(self.reports, 1 << 16)
            if not part:
                break
            self.received += part
        return len(self.received) > before

    def check_exit(self) -> None:
        """Record the status of the process if it has ended."""
        if self.status is None and os.waitid(
            os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT
        ):
            self.read()
            _, self.status = os.waitpid(self.pid, 0)


_heartbeat_pipes: list[IO[bytes]] = []
"""The pipe to the parent, if this process runs a scenario."""


def heartbeat() -> None:
    """Report from a scenario that it is still making progress."""
    for sink in _heartbeat_pipes:
        sink.write(_HEARTBEAT)
        sink.flush()


def run_all(scenarios: Mapping[str, Scenario]) -> dict[str, ScenarioResult]:
    """Run all scenarios in parallel, in forks of this process; return their results by name.

    This process must have no threads that the scenarios need. The caller must kill the processes
    that scenarios leave in this process's group.
    """
    began = time.monotonic()
    running = {name: _start(scenario) for name, scenario in scenarios.items()}
    _listen(running.values(), STARTUP_TIMEOUT, STARTUP_TIMEOUT, lambda scenario: scenario.up)
    idle = max(IDLE_TIMEOUT, time.monotonic() - began)
    for scenario in running.values():
        with contextlib.suppress(BrokenPipeError):
            os.write(scenario.go, _HEARTBEAT)
    started = [scenario for scenario in running.values() if scenario.up]
    _listen(started, idle, TOTAL_TIMEOUT, lambda scenario: scenario.done)
    return {name: _end(scenario) for name, scenario in running.items()}


def _start(scenario: Scenario) -> _Running:
    reports, sends_reports = os.pipe()
    waits, go = os.pipe()
    output = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the scenario has ended
    sys.stdout.flush()
    with warnings.catch_warnings():
        # The imported libraries have threads, and handle a fork themselves.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if not pid:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        _run_one(scenario, sends_reports, waits)
    os.close(sends_reports)
    os.close(waits)
    return _Running(scenario, pid, reports, go, output)


def _run_one(scenario: Scenario, reports: int, waits: int) -> NoReturn:
    """Run the child's side of the fork; never return to the parent's code."""
    try:
        with os.fdopen(reports, "wb") as sink:
            report = pickle.dumps(_outcome(scenario, sink, waits))
            sink.write(_REPORT + _LENGTH.pack(len(report)) + report)
        sys.stdout.flush()
    finally:
        os._exit(0)


def _outcome(scenario: Scenario, sink: IO[bytes], waits: int) -> tuple[bool, Any]:
    """Run the scenario; return True and its value, or False and the traceback."""
    try:
        warnings.simplefilter("ignore", DeprecationWarning)  # a fork with threads
        module, _, name = scenario.target.partition(":")
        function: Callable[..., Generator[None, None, Any]]
        function = getattr(importlib.import_module(module), name)
        generator = function(*scenario.arguments)
        next(generator)
        sink.write(_HEARTBEAT)
        sink.flush()
        os.read(waits, 1)
        _heartbeat_pipes.append(sink)
        next(generator)
        return False, "expected the scenario to yield once, when all is up; it yielded twice"
    except StopIteration as end:
        return True, end.value
    except BaseException:  # noqa: BLE001 - a scenario reports whatever was raised
        return False, traceback.format_exc()


def _listen(
    running: Collection[_Running], idle: float, total: float, enough: Callable[[_Running], bool]
) -> None:
    """Read the messages until each scenario has sent ``enough`` or ended, or a timeout expires.

    ``idle`` grows with the longest time between two messages.
    """
    began = last_message = time.monotonic()
    while awaited := {
        scenario.reports: scenario
        for scenario in running
        if not (scenario.done or enough(scenario))
    }:
        ready = select.select(list(awaited), (), (), _POLL_INTERVAL)[0]
        now = time.monotonic()
        for reports in ready:
            if awaited[reports].read():
                idle = max(idle, PATIENCE * (now - last_message))
                last_message = now
        for scenario in awaited.values():
            scenario.check_exit()
        if now > min(last_message + idle, began + total):
            return


def _end(running: _Running) -> ScenarioResult:
    """Return the result of a scenario; dump the stacks of a hung one and kill it."""
    running.read()  # it may have ended while others dumped their stacks
    running.check_exit()
    hung = not running.done
    if hung:
        members = _descendants(running.pid)
        tree.dump_stacks(members, running.output.fileno())
        tree.kill(members)
    if running.status is None:
        _, running.status = os.waitpid(running.pid, 0)
    os.close(running.reports)
    os.close(running.go)
    with running.output as file:
        size = os.fstat(file.fileno()).st_size
        output = os.pread(file.fileno(), size, 0).decode(errors="replace")
    if hung:
        what = (
            f"no answer, and no sign from any scenario for {IDLE_TIMEOUT:g} s or longer"
            if running.up
            else "not started"
        )
        return ScenarioResult(
            kind="hang" if running.up else "environment", failure=f"{what}; killed", output=output
        )
    if running.report is None:
        died = os.waitstatus_to_exitcode(running.status)
        return ScenarioResult(kind="crash", failure=f"driver: {describe_exit(died)}", output=output)
    succeeded, value = pickle.loads(running.report)
    if succeeded:
        return ScenarioResult(value, output=output)
    return ScenarioResult(failure="the driver raised", output=f"{value}\n{output}")


def _descendants(pid: int) -> list[tree.Process]:
    """Return the processes of one scenario, which shares its process group with the others."""
    running = {process.pid: process for process in tree.descendants(os.getpid())}

    def belongs(process: tree.Process | None) -> bool:
        return process is not None and (process.pid == pid or belongs(running.get(process.parent)))

    return [process for process in running.values() if belongs(process)]
