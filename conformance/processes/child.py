"""A child process that runs functions under deadlines which the parent enforces."""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from conformance.processes import tree
from conformance.processes.deadline import Deadline
from conformance.processes.own_package import path_for
from conformance.util.kinds import Kind

_LENGTH = struct.Struct("<Q")
_HEADER = struct.Struct("<QQ")
"""The header of a reply: its length, and how many bytes of output the child has written so far."""

_POLL_INTERVAL = 0.25
"""Seconds between two checks that a silent child is still alive."""


class ChildError(Exception):
    """A call that the child did not answer.

    ``stacks`` is the output of that call, with the stacks of a child that hung. ``exit_name`` is
    the signal or the exit code with which the child ended; it is empty if the child lives on.
    """

    def __init__(self, message: str, stacks: str, exit_name: str = "") -> None:
        super().__init__(message)
        self.stacks = stacks
        self.exit_name = exit_name


class Crashed(ChildError):
    """The child died during the call. The message names the signal or the exit code."""


class Hung(ChildError):
    """The call exceeded its deadline, and the child's process group was killed."""


class Raised(ChildError):
    """The called function raised an exception. ``stacks`` is its traceback."""


class Process(Protocol):
    """The part of ``subprocess.Popen`` that a ``Child`` needs of its process."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...


class Child:
    """A Python process that calls functions by name; it starts once and answers many calls.

    It leads a process group of its own, so that all processes that it starts end with it. After
    a crash or a hang, the next call starts a new process. Only ``kill`` is thread-safe.
    """

    def __init__(
        self,
        python: str = sys.executable,
        env: Mapping[str, str] | None = None,
        preload: Sequence[str] = (),
    ) -> None:
        """``preload`` names modules that the child imports when it starts."""
        self._python = python
        self._preload = preload
        self._env = dict(os.environ if env is None else env)
        paths = [path_for(python), *filter(None, self._env.get("PYTHONPATH", "").split(os.pathsep))]
        self._env["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
        # Rust would print one also where memory has run out, and could end in another way.
        self._env["RUST_BACKTRACE"] = "0"
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """The pid of the process, or ``None`` if none is running."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process without waiting for it; do nothing if it is running."""
        if self._process is not None:
            return
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process ends
        self._output_start = self._output_end = 0
        self._submitted = self._received = 0
        self._outgoing = bytearray()
        child_in, self._requests = os.pipe()
        self._replies, child_out = os.pipe()
        parent_death_pipe, self._parent_death_pipe = os.pipe()
        os.set_blocking(self._requests, False)
        try:
            self._process = self._launch(child_in, child_out, parent_death_pipe)
            tree.MANAGED_PIDS.add(self._process.pid)
        finally:
            for descriptor in (child_in, child_out, parent_death_pipe):
                os.close(descriptor)

    def _launch(self, requests: int, replies: int, parent_death_pipe: int) -> Process:
        """Start ``worker.main`` with these descriptors in a new session."""
        descriptors = requests, replies, parent_death_pipe
        return subprocess.Popen(
            [
                self._python,
                *("-u", "-m", "conformance.processes.worker"),
                *map(str, descriptors),
                *self._preload,
            ],
            env=self._env,
            pass_fds=descriptors,
            stdin=subprocess.DEVNULL,
            stdout=self._stderr,
            stderr=self._stderr,
            start_new_session=True,
        )

    def call(self, target: str, *arguments: Any, deadline: float) -> Any:
        """Call ``target`` (``module:function``) in the child and return its result.

        Arguments and result are pickled. ``deadline`` is in seconds. Raises ``Raised`` with the
        child's traceback, ``Crashed`` or ``Hung``.
        """
        return self.result(self.submit(target, *arguments), deadline=deadline)

    def submit(self, target: str, *arguments: Any) -> int:
        """Ask the child to call ``target`` when it is free; return the request id for ``result``.

        Requests are lost with the process: after ``Crashed`` or ``Hung`` all request ids are
        invalid.
        """
        self.start()
        message = pickle.dumps((target, arguments))
        self._outgoing += _LENGTH.pack(len(message)) + message
        self._send()
        self._submitted += 1
        return self._submitted

    def result(self, request_id: int, *, deadline: float, cpu: float | None = None) -> Any:
        """Return the result of the request ``request_id``; wait ``deadline`` seconds at most.

        With ``cpu``, the child may also use so many seconds of processor time at most. Results of
        earlier requests that were not asked for are dropped. Raises the same errors as ``call``,
        and ``ValueError`` for a request whose result was returned or dropped before.
        """
        assert self._process is not None
        if request_id <= self._received:
            raise ValueError(f"request {request_id}: its result was returned or dropped before")
        try:
            limit = Deadline(self._process.pid, deadline, cpu)
            while self._received < request_id:
                answered, result = self._reply(limit)
                self._received += 1
        except TimeoutError as error:
            raise Hung(
                f"no answer within {error}; killed with its process group",
                self._end(stacks=True),
            ) from None
        except EOFError:
            code = self._process.returncode
            raise Crashed(describe_exit(code), self._end(), exit_name(code)) from None
        if not answered:
            raise Raised(*result)
        return result

    @property
    def output(self) -> str:
        """The output that the child wrote during the last call that it answered."""
        if self._process is None:
            return ""
        return self._read_output(self._output_start, self._output_end)

    def kill(self) -> None:
        """Kill the process group, if it runs; a call that waits for it raises ``Crashed``."""
        if process := self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Let the process end by itself for a moment, then kill it and all its descendants."""
        if self._process is not None:
            # Once it has ended, its descendants cannot be found any more.
            members = tree.descendants(self._process.pid)
            os.close(self._requests)
            self._requests = -1
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_POLL_INTERVAL)
            tree.kill(member for member in members if member.pid != self._process.pid)
            self._end()

    def _reply(self, limit: Deadline) -> tuple[bool, Any]:
        """Return the next reply. Raises ``TimeoutError``, or ``EOFError`` if the child died."""
        assert self._process is not None
        try:
            size, output_size = _HEADER.unpack(self._read(_HEADER.size, limit))
            answered, result = pickle.loads(self._read(size, limit))
            self._output_start, self._output_end = self._output_end, output_size
        except (EOFError, BrokenPipeError):
            try:  # it may have closed its pipes and live on
                self._process.wait(limit.left())
            except subprocess.TimeoutExpired:
                limit.check()
            raise EOFError from None
        return answered, result

    def _send(self) -> None:
        """Write as much as the pipe accepts now; ``result`` reports a child that died."""
        try:
            while self._outgoing:
                del self._outgoing[: os.write(self._requests, self._outgoing)]
        except BlockingIOError:
            pass  # the next call of this method sends the rest
        except BrokenPipeError:
            self._outgoing.clear()

    def _read(self, size: int, limit: Deadline) -> bytes:
        assert self._process is not None
        data = bytearray()
        while len(data) < size:
            limit.check()
            wait = min(limit.left(), _POLL_INTERVAL)
            writes = [self._requests] if self._outgoing else []
            reads, writes, _ = select.select([self._replies], writes, (), wait)
            if writes:
                self._send()
            if reads:
                part = os.read(self._replies, size - len(data))
                if not part:
                    raise EOFError
                data += part
            elif (
                not writes
                and self._process.poll() is not None
                # The child may have written its reply between the two checks.
                and not select.select([self._replies], (), (), 0)[0]
            ):
                # A grandchild may hold the pipe open after the child's death.
                raise EOFError
        return bytes(data)

    def _output_size(self) -> int:
        return os.fstat(self._stderr.fileno()).st_size

    def _read_output(self, start: int, end: int) -> str:
        # The child shares the file position, which pread does not change.
        return os.pread(self._stderr.fileno(), end - start, start).decode(errors="replace")

    def _end(self, stacks: bool = False) -> str:
        """Kill all descendants; return the output of this call, with stacks if asked."""
        assert self._process is not None
        members = tree.descendants(self._process.pid)
        if stacks:
            tree.dump_stacks(members, self._stderr.fileno())
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        tree.kill(members)  # some may have left the group
        self._process.wait()
        tree.MANAGED_PIDS.discard(self._process.pid)
        self._process = None
        if self._requests >= 0:
            os.close(self._requests)
        os.close(self._replies)
        os.close(self._parent_death_pipe)
        with self._stderr:
            return self._read_output(self._output_end, self._output_size())


def failure_kind(error: ChildError) -> Kind:
    """Return the kind of the failure that ``error`` causes in a case."""
    kinds: dict[type, Kind] = {Hung: "hang", Crashed: "crash"}
    return kinds.get(type(error), "unexpected-error")


def describe_exit(code: int) -> str:
    """Describe how a process ended; a negative exit code is the number of a signal."""
    how = "died of" if code < 0 else "ended with"
    return f"the process {how} {exit_name(code)}"


def exit_name(code: int) -> str:
    """Return the signal's name, such as ``SIGKILL``, or ``exit code N``."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
