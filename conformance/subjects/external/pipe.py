"""A program behind stdin and stdout, with one JSON object a line in both directions."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from conformance.processes import tree
from conformance.processes.child import describe_exit
from conformance.subjects.external.errors import (
    ProgramCrashed,
    ProgramGivenUp,
    ProgramHung,
    ProtocolError,
)
from conformance.subjects.external.replies import Message, read_reply, shown

REPLY_TIMEOUT = 10.0
"""Seconds that the program has for its next reply."""

END_TIMEOUT = 5.0
"""Seconds that the program has to end after its stdin was closed."""

MAX_REPLY = 64 * 2**20
"""The maximum size of a reply in bytes."""

MAX_LOSSES = 20
"""The number of crashes and hangs after which the program is not started again."""

_KEPT_OUTPUT = 4096
_CHUNK = 2**18
_LINE_LIMIT = 2**16
"""The size in bytes of a line that the line readers of some languages do not read."""


@dataclass(frozen=True)
class Request:
    """A request as it was written: its number since the start of the program, and its line."""

    number: int
    line: bytes

    def __str__(self) -> str:
        return f"request {self.number} since its start, {len(self.line):,} bytes"


class Pipe:
    """One program, started when it is first asked, and again after a crash or a hang.

    It reads stderr all the time and keeps its end. The class is not thread-safe.
    """

    def __init__(self, command: Sequence[str], reply_timeout: float = REPLY_TIMEOUT) -> None:
        self._command = command
        self.reply_timeout = reply_timeout
        self._process: subprocess.Popen[bytes] | None = None
        self._losses = 0
        self._first_loss = ""
        self._last_id = -1
        self.asked: Request | None = None
        """The last request; ``None`` if the program was not asked what it was to be asked."""

    @property
    def running(self) -> bool:
        """Return whether the program was started and not ended."""
        return self._process is not None

    def ask(self, message: Message) -> Message:
        """Send a message with an ``id``, and return the reply.

        Raises ``ProgramError``. The program is then ended, and the next message starts it again.
        """
        self.asked = None
        self._start()
        self._last_id += 1
        line = json.dumps({"id": self._last_id, **message}, ensure_ascii=False).encode() + b"\n"
        self.asked = Request(self._last_id, line)
        try:
            return read_reply(self._exchange(line), self._last_id)
        except ProtocolError as error:
            error.output = self._stderr_text()
            self.close()
            raise

    def finish(self) -> str:
        """Close stdin and end the program; return what it did otherwise than to end with code 0.

        What it still writes is read and dropped. ``""`` if it does not run.
        """
        process = self._process
        if process is None:
            return ""
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=END_TIMEOUT)
        code = process.poll()
        self.close()
        if code is None:
            return f"the program did not end within {END_TIMEOUT:g} s after its stdin was closed"
        text = describe_exit(code).replace("process", "program")
        return f"{text} after its stdin was closed; expected exit code 0" if code else ""

    def close(self) -> None:
        """End the program and all that it started."""
        if self._process is None:
            return
        process, self._process = self._process, None
        members = tree.descendants(process.pid)
        process.kill()
        tree.kill(members)
        process.wait()
        tree.MANAGED_PIDS.discard(process.pid)
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(BrokenPipeError):
                _open(stream).close()

    def _start(self) -> None:
        if self._process is not None:
            return
        if self._losses >= MAX_LOSSES:
            raise ProgramGivenUp(
                f"the program crashed or hung {self._losses} times and is not started again; "
                f"first: {self._first_loss}"
            )
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
            )
        except OSError as error:
            self._losses = MAX_LOSSES
            self._first_loss = f"{self._command[0]}: cannot be started: {error.strerror}"
            raise ProgramCrashed(self._first_loss) from None
        tree.MANAGED_PIDS.add(self._process.pid)
        self._last_id = -1
        self._stderr = b""
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            os.set_blocking(_open(stream).fileno(), False)

    def _exchange(self, line: bytes) -> bytes:
        """Write a line, and return the line that the program replies."""
        process = self._process
        assert process is not None
        stdin, stdout, stderr = map(_open, (process.stdin, process.stdout, process.stderr))
        outgoing = memoryview(line)
        reply = bytearray()
        expires = time.monotonic() + self.reply_timeout
        with selectors.DefaultSelector() as selector:
            selector.register(stdin, selectors.EVENT_WRITE)
            selector.register(stdout, selectors.EVENT_READ)
            selector.register(stderr, selectors.EVENT_READ)
            while not reply.endswith(b"\n"):
                left = expires - time.monotonic()
                if left <= 0:
                    came = _unfinished(bytes(reply)) or "nothing came"
                    if not (reply or self._last_id):
                        came += "; does it flush stdout?"
                    text = f"no reply within {self.reply_timeout:g} s; killed: {came}"
                    raise self._lost(ProgramHung(text))
                for key, _ in selector.select(left):
                    if key.fileobj is stdin:
                        outgoing = _write(stdin, outgoing)
                        if not outgoing:
                            selector.unregister(stdin)
                    elif not (data := os.read(key.fd, _CHUNK)):
                        if key.fileobj is stdout:
                            raise self._ended(expires, bytes(reply), len(line))
                        selector.unregister(stderr)
                    elif key.fileobj is stderr:
                        self._stderr = (self._stderr + data)[-_KEPT_OUTPUT:]
                    else:
                        reply += data
                        if len(reply) > MAX_REPLY:
                            raise ProtocolError(f"a reply of more than {MAX_REPLY >> 20} MiB")
        return bytes(reply)

    def _ended(self, expires: float, reply: bytes, size: int) -> Exception:
        """Return the error for a program that closed its stdout before it replied."""
        assert self._process is not None
        try:
            code = self._process.wait(max(0.0, expires - time.monotonic()))
        except subprocess.TimeoutExpired:
            return self._lost(ProgramHung("the program closed its stdout and did not end; killed"))
        text = describe_exit(code).replace("process", "program")
        if came := _unfinished(reply):
            text += f": {came}"
        elif code == 0 and size > _LINE_LIMIT:
            text += ", as if its stdin had ended; does it limit the size of a line?"
        return self._lost(ProgramCrashed(text))

    def _lost(self, error: ProgramCrashed | ProgramHung) -> Exception:
        self._losses += 1
        self._first_loss = self._first_loss or f"{error} ({self.asked})"
        error.output = self._stderr_text()
        self.close()
        return error

    def _stderr_text(self) -> str:
        """Return the end of stderr, with what the program wrote there last."""
        if self._process is not None:
            with contextlib.suppress(BlockingIOError):
                while data := os.read(_open(self._process.stderr).fileno(), _CHUNK):
                    self._stderr = (self._stderr + data)[-_KEPT_OUTPUT:]
        return self._stderr.decode(errors="replace")


def _open(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _unfinished(reply: bytes) -> str:
    """Describe a reply that lacks its line end; return ``""`` if nothing came."""
    return f"{len(reply):,} bytes came without a line end: {shown(reply)}" if reply else ""


def _write(stdin: IO[bytes], outgoing: memoryview) -> memoryview:
    """Write what the pipe accepts now; a program that reads no more is found by its silence."""
    try:
        return outgoing[os.write(stdin.fileno(), outgoing[:_CHUNK]) :]
    except BlockingIOError:
        return outgoing
    except BrokenPipeError:
        return outgoing[:0]
