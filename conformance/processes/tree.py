"""Find a process's descendants, dump their stacks and kill them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psutil

_PROC = Path("/proc")
_SET_CHILD_SUBREAPER = 36
_ENDED = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)

GRACE_SECONDS = 1.0
"""Seconds in which a process that was killed, or ends by itself, may still be running."""

MANAGED_PIDS: set[int] = set()
"""The processes that a ``Child`` object of this process manages at present."""


@dataclass(frozen=True)
class Process:
    """A running process; a zombie does not count as running."""

    pid: int
    parent: int
    group: int
    command: str
    handle: psutil.Process = field(compare=False, repr=False)

    @property
    def dumps_stacks_on_sigusr1(self) -> bool:
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


def descendants(pid: int) -> list[Process]:
    """Return ``pid``, its group, and all that they started, in whatever group or session."""
    known, found = {pid}, True
    running = list(_running())
    while found:
        more = {one.pid for one in running if one.group == pid or one.parent in known} - known
        found = bool(more)
        known |= more
    return [one for one in running if one.pid in known]


def processes_with_env(variable: str) -> list[Process]:
    """Return every process that was started with ``NAME=value`` in its environment."""
    name, _, value = variable.partition("=")
    return [one for one in _running() if _environment(one.handle).get(name) == value]


def dump(members: Iterable[Process], output: int, within: float = 5.0) -> None:
    """Let each process dump its stacks, one after the other.

    Each has a heading in the file ``output``.

    They must write their stderr into that file. faulthandler answers from C, so
    that a thread that holds the GIL shows too; one that is stopped does not.
    """
    ends = time.monotonic() + within
    for member in members:
        can_dump = member.dumps_stacks_on_sigusr1
        os.write(output, f"\n--- {member}\n{'' if can_dump else 'It dumps no stacks.'}".encode())
        if not can_dump:
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
def become_subreaper() -> None:
    """Make orphans that this process's children leave its own children (Linux only)."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_leftovers() -> list[Process]:
    """Kill this process's children that are still running; return them.

    This is one system call where there are none. Children in ``MANAGED_PIDS`` are ended by their
    ``Child`` object; while there is one, this returns an empty list.
    """
    if MANAGED_PIDS:
        return []
    ends = time.monotonic() + GRACE_SECONDS
    while has_children() and time.monotonic() < ends:
        time.sleep(0.01)
        _reap()
    left: dict[int, Process] = {}
    while has_children():
        running = [one for one in descendants(os.getpid()) if one.parent == os.getpid()]
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
    """Kill each of them that is still running; never another process with the same pid."""
    for member in members:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.handle.kill()


def _running() -> Iterator[Process]:
    """Yield every running process, with the handle by which psutil knows it from a later one."""
    for handle in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):  # it ended meanwhile
            with handle.oneshot():
                if handle.status() in _ENDED:
                    continue
                parent, group = handle.ppid(), os.getpgid(handle.pid)
                command = " ".join(_command(handle)).strip()
            yield Process(handle.pid, parent, group, command, handle)


def _command(handle: psutil.Process) -> Sequence[str]:
    try:
        return handle.cmdline()
    except psutil.AccessDenied:  # another user's
        return [handle.name()]


def _environment(handle: psutil.Process) -> Mapping[str, str]:
    try:
        return handle.environ()
    except psutil.Error:  # it ended meanwhile, or is another user's
        return {}
