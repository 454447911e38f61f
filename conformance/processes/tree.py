"""Find a process's descendants, dump their stacks and kill them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PROC = Path("/proc")
_SET_CHILD_SUBREAPER = 36
_FORMAT = "pid=,ppid=,pgid=,stat=,command="

GRACE = 1.0
"""Seconds in which what was killed, or ends by itself, may still be there."""

KEPT: set[int] = set()
"""The processes that a ``peers.child.Child`` of this process leads at present."""


@dataclass(frozen=True)
class Process:
    """A process that runs: one that has ended and that nobody waited for does not."""

    pid: int
    parent: int
    group: int
    command: str

    @property
    def listens(self) -> bool:
        """Return whether it dumps its stacks on SIGUSR1.

        Where that cannot be known, a group leader does.
        """
        try:
            status = (_PROC / str(self.pid) / "status").read_text()
        except OSError:
            return not _PROC.joinpath("self").exists() and self.pid == self.group
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
        return bool(int(caught.split()[1], 16) >> (signal.SIGUSR1 - 1) & 1)

    def __str__(self) -> str:
        return f"process {self.pid}: {self.command}"


def kin(pid: int) -> list[Process]:
    """``pid``, its group, and all that they started, whatever group or session that is in now."""
    known, found = {pid}, True
    running = list(_running())
    while found:
        more = {one.pid for one in running if one.group == pid or one.parent in known} - known
        found = bool(more)
        known |= more
    return [one for one in running if one.pid in known]


def heirs(variable: str) -> list[Process]:
    """Every process that was started with ``NAME=value`` in its environment (Linux only)."""
    return [one for one in _running() if variable.encode() in _environment(_PROC / str(one.pid))]


def dump(members: Iterable[Process], output: int, within: float = 5.0) -> None:
    """Let each process dump its stacks, one after the other.

    Each has a heading in the file ``output``.

    They must write their stderr into that file. faulthandler answers from C, so
    that a thread that holds the GIL shows too; one that is stopped does not.
    """
    ends = time.monotonic() + within
    for member in members:
        listens = member.listens
        os.write(output, f"\n--- {member}\n{'' if listens else 'It tells no stacks.'}".encode())
        if not listens:
            continue
        first = seen = os.fstat(output).st_size
        with contextlib.suppress(ProcessLookupError):
            os.kill(member.pid, signal.SIGUSR1)
            while time.monotonic() < ends:
                time.sleep(0.05)
                last, seen = seen, os.fstat(output).st_size
                if first < last == seen:  # it has begun, and nothing came since the last look
                    break


@cache
def adopt() -> None:
    """Make orphans that this process's children leave its own children (Linux only)."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def left_over() -> list[Process]:
    """Return what runs of this process's children, who should all have ended; killed by then.

    One system call where there is nothing. A child in ``KEPT`` is its keeper's to
    end, with all that it starts: nobody is looked for while there is one.
    """
    if KEPT:
        return []
    ends = time.monotonic() + GRACE
    while has_children() and time.monotonic() < ends:
        time.sleep(0.01)
        _reap()
    left: dict[int, Process] = {}
    while has_children():
        running = [one for one in kin(os.getpid()) if one.parent == os.getpid()]
        left |= {one.pid: one for one in running}
        kill(running)
        _reap(wait=True)  # what they started is this process's by then
    return list(left.values())


def _reap(*, wait: bool = False) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, 0 if wait else os.WNOHANG)[0] and not wait:
            pass


def has_children() -> bool:
    """Return whether this process has any that it did not wait for."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def kill(members: Iterable[Process]) -> None:
    """Kills each of them, if it is still there."""
    for member in members:
        with contextlib.suppress(ProcessLookupError):
            os.kill(member.pid, signal.SIGKILL)


def _running() -> Iterator[Process]:
    if not _PROC.joinpath("self").exists():
        listed = subprocess.run(
            ["ps", "-axo", _FORMAT], capture_output=True, text=True, check=True
        ).stdout
        for line in listed.splitlines():
            pid, parent, group, state, command = line.split(None, 4)
            if not state.startswith("Z"):
                yield Process(int(pid), int(parent), int(group), command)
        return
    for entry in os.listdir(_PROC):
        if entry.isdecimal():
            with contextlib.suppress(OSError):  # it ended meanwhile
                state, parent, group = _stat(_PROC / entry)
                if state not in "ZX":
                    yield Process(int(entry), int(parent), int(group), _command(_PROC / entry))


def _stat(folder: Path) -> tuple[str, str, str]:
    _, _, rest = (folder / "stat").read_text(errors="replace").rpartition(")")
    state, parent, group = rest.split()[:3]
    return state, parent, group


def _command(folder: Path) -> str:
    return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()


def _environment(folder: Path) -> Sequence[bytes]:
    try:
        return (folder / "environ").read_bytes().split(b"\0")
    except OSError:  # it ended meanwhile, or is another user's
        return ()
