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
"""Seconds that a process has to end by itself before it counts as left over."""

MANAGED_PIDS: set[int] = set()
"""The pids of the running processes that ``Child`` objects of this process manage."""


@dataclass(frozen=True)
class Process:
    """A running process. A zombie does not count as running."""

    pid: int
    parent: int
    group: int
    command: str
    handle: psutil.Process = field(compare=False, repr=False)

    @property
    def dumps_stacks_on_sigusr1(self) -> bool:
        """True if the process has a handler for SIGUSR1.

        Only Linux shows the handlers of a process. Elsewhere, a group leader counts as having one.
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
    """Return ``pid``, the members of its group, and their descendants in any group or session."""
    running = list(_running())
    known = {pid}
    while found := {
        process.pid
        for process in running
        if process.pid not in known and (process.group == pid or process.parent in known)
    }:
        known |= found
    return [process for process in running if process.pid in known]


def processes_with_env(variable: str) -> list[Process]:
    """Return all processes that were started with ``NAME=value`` in their environment."""
    name, _, value = variable.partition("=")
    return [process for process in _running() if _environment(process.handle).get(name) == value]


def dump_stacks(members: Iterable[Process], output: int, timeout: float = 5.0) -> None:
    """Make the processes dump their stacks one after the other, each below a heading.

    ``output`` is the file to which they write their stderr. faulthandler answers in C, so that
    also a process whose thread holds the GIL dumps its stacks; a stopped process does not.
    """
    expires = time.monotonic() + timeout
    for member in members:
        can_dump = member.dumps_stacks_on_sigusr1
        os.write(output, f"\n--- {member}\n{'' if can_dump else 'It dumps no stacks.'}".encode())
        if not can_dump:
            continue
        first = seen = os.fstat(output).st_size
        with contextlib.suppress(ProcessLookupError):
            os.kill(member.pid, signal.SIGUSR1)
            while time.monotonic() < expires:
                time.sleep(0.05)
                last, seen = seen, os.fstat(output).st_size
                if first < last == seen:  # the dump has begun, and the file no longer grows
                    break


@cache
def become_subreaper() -> None:
    """Make the orphans of this process's descendants its own children (Linux only)."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_leftovers() -> list[Process]:
    """Kill this process's children that are still running, and return them.

    Without children this is one system call. Children in ``MANAGED_PIDS`` are ended by their
    ``Child`` object; while there is one, this returns an empty list.
    """
    if MANAGED_PIDS:
        return []
    expires = time.monotonic() + GRACE_SECONDS
    while has_children() and time.monotonic() < expires:
        time.sleep(0.01)
        _reap()
    leftovers: dict[int, Process] = {}
    while has_children():
        children = [child for child in descendants(os.getpid()) if child.parent == os.getpid()]
        leftovers |= {child.pid: child for child in children}
        kill(children)
        _reap(wait=True)  # the orphans of a subreaper's child have become its own children
    return list(leftovers.values())


def _reap(*, wait: bool = False) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, 0 if wait else os.WNOHANG)[0] and not wait:
            pass


def has_children() -> bool:
    """Return whether this process has children, or zombies that it did not wait for."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def kill(members: Iterable[Process]) -> None:
    """Kill those that are still running; psutil never kills another process that reuses a pid."""
    for member in members:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.handle.kill()


def _running() -> Iterator[Process]:
    """Yield every running process that this user can see."""
    # Not psutil.process_iter: its cache hides a process that reuses the pid of an earlier one.
    for pid in psutil.pids():
        with contextlib.suppress(psutil.Error, ProcessLookupError):  # it ended meanwhile
            handle = psutil.Process(pid)
            with handle.oneshot():
                if handle.status() in _ENDED:
                    continue
                parent, group = handle.ppid(), os.getpgid(pid)
                command = " ".join(_command(handle)).strip()
            yield Process(pid, parent, group, command, handle)


def _command(handle: psutil.Process) -> Sequence[str]:
    try:
        return handle.cmdline()
    except psutil.AccessDenied:  # it belongs to another user
        return [handle.name()]


def _environment(handle: psutil.Process) -> Mapping[str, str]:
    try:
        return handle.environ()
    except psutil.Error:  # it ended meanwhile, or belongs to another user
        return {}
