"""Run the store's command in forks of one warm process, each under a fault.

What changes a file is a *step*: opening to write, writing, syncing, making a folder,
changing a mode, renaming, removing. A fault comes before a step, or halfway through a write.
"""

from __future__ import annotations

import errno
import io
import mmap
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from conformance import wire
from conformance.golden.negative import NegativeVectors
from tasks.goldens import negative, regenerate
from tasks.goldens.__main__ import run

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
VECTORS = 20
"""The number of negative vectors of the stores."""

_STEPS = ("open", "os.mkdir", "os.chmod", "os.rename", "os.remove")


def prepare(cases: list[str], *runs: list[str]) -> None:
    """Make later runs quick: few cases, few negative vectors, and the cached results of these runs.

    The steps of an update are the same with few vectors: they are one file.
    """
    vars(regenerate)["CASES"] = {id_: vars(regenerate)["CASES"][id_] for id_ in cases}
    made = vars(negative)["built"]()
    few = NegativeVectors(made.python, made.vectors[:VECTORS])
    vars(negative)["built"] = lambda: few
    wire.listing = cache(wire.listing)
    wire.find = cache(wire.find)
    os.fsync = lambda fd: None  # noqa: ARG005 - no fault here outlives the system's own memory
    for arguments in runs:
        with suppress(SystemExit):
            sys.argv = ["golden", *arguments]
            run()


def strike(fault: str, at: int, within: str, *arguments: str) -> tuple[int, str, bool]:
    """Run ``python -m tasks.goldens`` in the folder ``within``, under a fault.

    Return the exit code or minus the signal, the output, and whether the
    fault came before the run was through.
    """
    struck = mmap.mmap(-1, 1)
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        os.dup2(writer, 1)
        os.dup2(writer, 2)
        os.close(reader)
        os.close(writer)
        os.chdir(within)
        _run(fault, at, struck, arguments)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        output = stream.read().decode()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return code, output, bool(struck[0]) or code < 0


def _run(fault: str, at: int, struck: mmap.mmap, arguments: tuple[str, ...]) -> None:
    sys.argv = ["golden", *arguments]
    code: Any = 70
    try:
        FAULTS[fault](at, struck)
        run()
    except SystemExit as end:
        code = end.code or 0
    except BaseException:  # noqa: BLE001 - a traceback is what must not be
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def _each_step(step: Callable[[str | None, Callable[[], object]], None]) -> None:
    """Call ``step`` before each, with two arguments.

    They are the file, if the system would name it, and a function that does half of the step.
    """

    class Stream(io.FileIO):
        def write(self, data: Any) -> int:
            step(None, lambda: super(Stream, self).write(data[: len(data) // 2]))
            return super().write(data)

    def hook(event: str, given: tuple[Any, ...]) -> None:
        reads = event == "open" and not given[2] & _WRITES
        there = event == "os.mkdir" and os.path.isdir(given[0])
        if event in _STEPS and not reads and not there and isinstance(given[0], (str, Path)):
            step(str(given[0]), lambda: None)

    os.fdopen = lambda descriptor, _: Stream(descriptor, "w")  # type: ignore[assignment]
    os.fsync = lambda fd: step(None, lambda: None)  # noqa: ARG005 - the name is os.fsync's
    sys.addaudithook(hook)


def _before(
    at: int, struck: mmap.mmap, come: Callable[[str | None], None], *, lasting: bool = False
) -> None:
    """Cause the fault before one step, or before all from that one on."""
    left = at + 1

    def step(file: str | None, half: Callable[[], object]) -> None:
        nonlocal left
        left -= 1
        if left == 0 or (lasting and left < 0):
            struck[0] = 1
            half()
            come(file)

    _each_step(step)


def _die(_: str | None) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _failing(number: int) -> Callable[[str | None], None]:
    def fail(file: str | None) -> None:
        raise OSError(number, os.strerror(number), file)

    return fail


def _after(microseconds: int, _: mmap.mmap) -> None:
    """Kill the process that many microseconds after its first step."""

    def step(_file: str | None, _half: object) -> None:
        if signal.getitimer(signal.ITIMER_REAL)[0] == 0:
            signal.setitimer(signal.ITIMER_REAL, microseconds / 1e6)

    _each_step(step)


def _no_larger(size: int, ending: signal.Handlers) -> None:
    """No file may grow larger: the system refuses the rest of a write, or ends the process."""
    signal.signal(signal.SIGXFSZ, ending)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _without_rights() -> None:
    """Become a user who owns nothing here."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


FAULTS: dict[str, Callable[[int, mmap.mmap], None]] = {
    "none": lambda _at, _struck: None,
    "killed": lambda at, struck: _before(at, struck, _die),
    "killed after": _after,
    "killed in a write": lambda at, _: _no_larger(at, signal.SIG_DFL),
    "disk full": lambda at, struck: _before(at, struck, _failing(errno.ENOSPC)),
    "file too large": lambda at, _: _no_larger(at, signal.SIG_IGN),
    "read-only": lambda at, struck: _before(at, struck, _failing(errno.EROFS), lasting=True),
    "without rights": lambda _at, _struck: _without_rights(),
}
