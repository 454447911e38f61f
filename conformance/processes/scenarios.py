"""Trials: what may hang or die, each in a fork of one clean process, under deadlines from outside.

A trial is a generator function. It yields once, when all that it starts is up;
what it returns is what it saw. One that does much gives signs of life. All
trials start together and go on together when the last one is up. Those hang
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

STARTING = 50.0
"""Seconds until all that the trials start must be up."""

LONGEST = 45.0
"""Seconds that a trial may take from then on, whatever signs are given."""

QUIET = 6.0
"""Seconds without a sign from any trial, after which those that are left hang."""

_GLANCE = 0.25
"""Seconds between two looks at whether a silent trial is still alive."""

_SIGN = b"!"
"""What a trial says when all is up, and whenever it gives a sign of life."""

_REPORT = b"="
"""What comes before the length of a report, and the report."""

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class Trial:
    """A generator function (``module:function``) and what it takes."""

    target: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Told:
    """The outcome of a trial: ``value``, or the kind of failure and why, with stacks and output."""

    value: Any = None
    kind: Kind = "unexpected-error"
    failure: str = ""
    output: str = ""


@dataclass
class _Running:
    """A trial in its process."""

    trial: Trial
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
        """All that it told; its own forks may hold the pipe open, so no end of file tells."""
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
        """Take in what it has said so far; whether that was anything."""
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
"""Where this process, if it holds a trial, gives its signs."""


def alive() -> None:
    """Report, from within a trial, that it is still making progress."""
    for sink in _signs:
        sink.write(_SIGN)
        sink.flush()


def hold(trials: Mapping[str, Trial]) -> dict[str, Told]:
    """Hold all trials at once, in forks of this process, which must have no threads that matter.

    What a trial leaves behind is for the caller to end, with this process's group.
    """
    running = {name: _start(trial) for name, trial in trials.items()}
    _listen(running.values(), STARTING, STARTING, lambda one: one.up)
    for one in running.values():
        with contextlib.suppress(BrokenPipeError):
            os.write(one.go, _SIGN)
    started = [one for one in running.values() if one.up]
    _listen(started, QUIET, LONGEST, lambda one: one.done)
    return {name: _end(one) for name, one in running.items()}


def _start(trial: Trial) -> _Running:
    reports, told = os.pipe()
    waits, go = os.pipe()
    output = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the trial has ended
    sys.stdout.flush()
    with warnings.catch_warnings():
        # Libraries that are imported have threads; they look after themselves in a fork.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if not pid:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        _hold_one(trial, told, waits)
    os.close(told)
    os.close(waits)
    return _Running(trial, pid, reports, go, output)


def _hold_one(trial: Trial, told: int, waits: int) -> NoReturn:
    """Run the fork's side; it never returns to what the parent was doing."""
    try:
        with os.fdopen(told, "wb") as sink:
            report = pickle.dumps(_outcome(trial, sink, waits))
            sink.write(_REPORT + _LENGTH.pack(len(report)) + report)
        sys.stdout.flush()
    finally:
        os._exit(0)


def _outcome(trial: Trial, sink: IO[bytes], waits: int) -> tuple[bool, Any]:
    """Return whether the trial was held, and its value or the traceback."""
    try:
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork that has threads
        module, _, name = trial.target.partition(":")
        function: Callable[..., Generator[None, None, Any]]
        function = getattr(importlib.import_module(module), name)
        trying = function(*trial.arguments)
        next(trying)
        sink.write(_SIGN)
        sink.flush()
        os.read(waits, 1)
        _signs.append(sink)
        next(trying)
        return False, "a trial yields once, when all is up"
    except StopIteration as end:
        return True, end.value
    except BaseException:  # noqa: BLE001 - a trial tells whatever was raised
        return False, traceback.format_exc()


def _listen(
    running: Collection[_Running], quiet: float, longest: float, enough: Callable[[_Running], bool]
) -> None:
    """Read what the trials say, until each has said enough or ended, or time is up."""
    began = heard = time.monotonic()
    while awaited := {one.reports: one for one in running if not (one.done or enough(one))}:
        ready = select.select(list(awaited), (), (), _GLANCE)[0]
        now = time.monotonic()
        for reports in ready:
            if awaited[reports].read():
                heard = now
        for one in awaited.values():
            one.look()
        if now > min(heard + quiet, began + longest):
            return


def _end(one: _Running) -> Told:
    """Return what the trial told, or how it failed to; its processes are killed if it hung."""
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
        what = f"no answer, and no sign from any trial for {QUIET:g} s" if one.up else "not started"
        return Told(
            kind="hang" if one.up else "environment", failure=f"{what}; killed", output=output
        )
    if one.report is None:
        died = os.waitstatus_to_exitcode(one.status)
        return Told(kind="crash", failure=f"driver: {describe_exit(died)}", output=output)
    held, value = pickle.loads(one.report)
    if held:
        return Told(value, output=output)
    return Told(failure="the driver raised", output=f"{value}\n{output}")


def _descendants(pid: int) -> list[tree.Process]:
    """Return the trial's own processes: it shares its group with the others."""
    running = {one.pid: one for one in tree.kin(os.getpid())}

    def belongs(one: tree.Process | None) -> bool:
        return one is not None and (one.pid == pid or belongs(running.get(one.parent)))

    return [one for one in running.values() if belongs(one)]
