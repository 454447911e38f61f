"""Scenarios that may hang or die, each in a fork of one clean process, under deadlines.

A scenario is a generator function. It yields once, when all that it starts is up;
what it returns is what it saw. One that does much gives signs of life. All
scenarios start together and go on together when the last one is up. Those hang
that are left when none has given a sign for a while: ten that hang cost one
deadline, and a slow machine costs none.
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
from conformance.spec.kinds import Kind

STARTUP_TIMEOUT = 50.0
"""Seconds until all that the scenarios start must be up."""

TOTAL_TIMEOUT = 45.0
"""Seconds that a scenario may take from then on, whatever signs are given."""

IDLE_TIMEOUT = 6.0
"""Seconds without a sign from any scenario, after which those that are left hang."""

_POLL_INTERVAL = 0.25
"""Seconds between two looks at whether a silent scenario is still alive."""

_SIGN = b"!"
"""What a scenario says when all is up, and whenever it gives a sign of life."""

_REPORT = b"="
"""What comes before the length of a report, and the report."""

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class Scenario:
    """A generator function (``module:function``) and what it takes."""

    target: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class ScenarioResult:
    """The outcome of a scenario: ``value``, or why there is none, with stacks and output."""

    value: Any = None
    kind: Kind = "unexpected-error"
    failure: str = ""
    output: str = ""


@dataclass
class _Running:
    """A scenario in its process."""

    scenario: Scenario
    pid: int
    reports: int
    go: int
    output: IO[bytes]
    said: bytearray = field(default_factory=bytearray)
    status: int | None = None
    """How it ended, once it has."""

    @property
    def up(self) -> bool:
        return bool(self.said)

    @property
    def report(self) -> bytes | None:
        """Its whole report; its own forks may hold the pipe open, so there is no end of file."""
        _, equals, rest = self.said.partition(_REPORT)
        if len(rest) < _LENGTH.size or not equals:
            return None
        (length,) = _LENGTH.unpack_from(rest)
        told = bytes(rest[_LENGTH.size :])
        return told if len(told) == length else None

    @property
    def done(self) -> bool:
        return self.report is not None or self.status is not None

    def read(self) -> bool:
        """Read what it has sent so far; return whether there was anything."""
        before = len(self.said)
        while select.select([self.reports], (), (), 0)[0]:
            part = os.read(self.reports, 1 << 16)
            if not part:
                break
            self.said += part
        return len(self.said) > before

    def look(self) -> None:
        """Take note of its death."""
        if self.status is None and os.waitid(
            os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT
        ):
            self.read()
            _, self.status = os.waitpid(self.pid, 0)


_signs: list[IO[bytes]] = []
"""Where this process, if it holds a scenario, gives its signs."""


def heartbeat() -> None:
    """Report, from within a scenario, that it is still making progress."""
    for sink in _signs:
        sink.write(_SIGN)
        sink.flush()


def run_all(scenarios: Mapping[str, Scenario]) -> dict[str, ScenarioResult]:
    """Hold all scenarios at once, in forks of this process, which must have no threads that matter.

    What a scenario leaves behind is for the caller to end, with this process's group.
    """
    running = {name: _start(scenario) for name, scenario in scenarios.items()}
    _listen(running.values(), STARTUP_TIMEOUT, STARTUP_TIMEOUT, lambda one: one.up)
    for one in running.values():
        with contextlib.suppress(BrokenPipeError):
            os.write(one.go, _SIGN)
    started = [one for one in running.values() if one.up]
    _listen(started, IDLE_TIMEOUT, TOTAL_TIMEOUT, lambda one: one.done)
    return {name: _end(one) for name, one in running.items()}


def _start(scenario: Scenario) -> _Running:
    reports, told = os.pipe()
    waits, go = os.pipe()
    output = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the scenario has ended
    sys.stdout.flush()
    with warnings.catch_warnings():
        # Libraries that are imported have threads; they look after themselves in a fork.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if not pid:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        _run_one(scenario, told, waits)
    os.close(told)
    os.close(waits)
    return _Running(scenario, pid, reports, go, output)


def _run_one(scenario: Scenario, told: int, waits: int) -> NoReturn:
    """Run the fork's side; it never returns to what the parent was doing."""
    try:
        with os.fdopen(told, "wb") as sink:
            report = pickle.dumps(_outcome(scenario, sink, waits))
            sink.write(_REPORT + _LENGTH.pack(len(report)) + report)
        sys.stdout.flush()
    finally:
        os._exit(0)


def _outcome(scenario: Scenario, sink: IO[bytes], waits: int) -> tuple[bool, Any]:
    """Return whether the scenario was held, and its value or the traceback."""
    try:
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork that has threads
        module, _, name = scenario.target.partition(":")
        function: Callable[..., Generator[None, None, Any]]
        function = getattr(importlib.import_module(module), name)
        trying = function(*scenario.arguments)
        next(trying)
        sink.write(_SIGN)
        sink.flush()
        os.read(waits, 1)
        _signs.append(sink)
        next(trying)
        return False, "a scenario yields once, when all is up"
    except StopIteration as end:
        return True, end.value
    except BaseException:  # noqa: BLE001 - a scenario reports whatever was raised
        return False, traceback.format_exc()


def _listen(
    running: Collection[_Running], quiet: float, longest: float, enough: Callable[[_Running], bool]
) -> None:
    """Read the scenarios' messages until each has sent enough or ended, or time is up."""
    began = heard = time.monotonic()
    while awaited := {one.reports: one for one in running if not (one.done or enough(one))}:
        ready = select.select(list(awaited), (), (), _POLL_INTERVAL)[0]
        now = time.monotonic()
        for reports in ready:
            if awaited[reports].read():
                heard = now
        for one in awaited.values():
            one.look()
        if now > min(heard + quiet, began + longest):
            return


def _end(one: _Running) -> ScenarioResult:
    """Return the scenario's result, or how it failed; its processes are killed if it hung."""
    one.read()  # it may have ended while others were asked for their stacks
    one.look()
    hung = not one.done
    if hung:
        members = _descendants(one.pid)
        tree.dump(members, one.output.fileno())
        tree.kill(members)
    if one.status is None:
        _, one.status = os.waitpid(one.pid, 0)
    os.close(one.reports)
    os.close(one.go)
    with one.output as file:
        size = os.fstat(file.fileno()).st_size
        output = os.pread(file.fileno(), size, 0).decode(errors="replace")
    if hung:
        what = (
            f"no answer, and no sign from any scenario for {IDLE_TIMEOUT:g} s"
            if one.up
            else "not started"
        )
        return ScenarioResult(
            kind="hang" if one.up else "environment", failure=f"{what}; killed", output=output
        )
    if one.report is None:
        died = os.waitstatus_to_exitcode(one.status)
        return ScenarioResult(kind="crash", failure=f"driver: {describe_exit(died)}", output=output)
    held, value = pickle.loads(one.report)
    if held:
        return ScenarioResult(value, output=output)
    return ScenarioResult(failure="the driver raised", output=f"{value}\n{output}")


def _descendants(pid: int) -> list[tree.Process]:
    """Return the scenario's own processes: it shares its group with the others."""
    running = {one.pid: one for one in tree.descendants(os.getpid())}

    def belongs(one: tree.Process | None) -> bool:
        return one is not None and (one.pid == pid or belongs(running.get(one.parent)))

    return [one for one in running.values() if belongs(one)]
