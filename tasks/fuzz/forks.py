"""Run in the child process: decode inputs in forks, which may hang or crash.

A hang or a crash costs the one input that caused it.
"""

from __future__ import annotations

import gc
import json
import mmap
import os
import select
import signal
import struct
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, NoReturn

from conformance.hostile.limits import MAX_MEMORY, limit_memory
from conformance.hostile.seeds import Level
from conformance.hostile.targets import Target, load_target
from conformance.hostile.unpickle_guard import UnpickleGuard
from conformance.processes import tree
from conformance.processes.worker import install_stack_dump

DECODED, REFUSED, PANIC, UNPICKLED, CRASH, HANG = range(1, 7)
OUTCOMES = ("unread", "decoded", "refused", "panic", "unpickled", "crash", "hang")
UNPICKLE_ATTEMPTED = 0x80
"""A flag beside an outcome: a payload was handed to the unpickler."""

_POSITION = struct.Struct("<QQ")
"""The cell that a fork decodes, and the size of its output before that cell."""

IDLE_FACTOR = 6
MAX_HANGS = 5
"""Hanging inputs after which a batch is given up: each costs its full time limit."""

_STACK_DUMP_TIMEOUT = 0.5
"""Seconds to wait for a hanging process to dump its stacks."""

_MAX_OUTPUT = 8000
"""The most bytes of output to keep for an input."""


@dataclass(frozen=True)
class Limits:
    """The limits of one input: bytes of memory beyond those of the process, and time.

    ``seconds`` are CPU seconds, so that a busy machine causes no hangs. An input that uses no
    CPU time has ``IDLE_FACTOR`` times as many seconds of wall time.
    """

    seconds: float = 5.0
    memory: int = MAX_MEMORY


@dataclass(frozen=True)
class Violation:
    """A forbidden outcome of one decoder: the input's index, the mode, the outcome and a text."""

    index: int
    mode: str
    outcome: int
    text: str


@dataclass
class Batch:
    """The outcomes of a batch: one for each input and mode, and the violations among them."""

    outcomes: bytearray
    violations: list[Violation] = field(default_factory=list)

    @property
    def hangs(self) -> int:
        """Return the number of hangs in all modes."""
        return sum(one.outcome == HANG for one in self.violations)


@dataclass(frozen=True)
class TargetInfo:
    """The name, versions and modes of a target."""

    name: str
    versions: dict[str, str]
    python: tuple[int, int]
    modes: tuple[str, ...]


_targets: dict[str, Target] = {}


def open_target(spec: str, path: Sequence[str]) -> TargetInfo:
    """Make the target that ``spec`` names; ``path`` is the parent's ``sys.path``."""
    sys.path[:] = dict.fromkeys([*sys.path, *path])
    target = _targets[spec] = load_target(spec)
    gc.freeze()
    return TargetInfo(target.name, dict(target.versions), target.python, target.modes)


def decode(spec: str, inputs: Sequence[tuple[Level, bytes]], limits: Limits) -> Batch:
    """Decode every input with the target in each of its modes, in forks of this process."""
    target = _targets[spec]
    batch = Batch(bytearray(len(inputs) * len(target.modes)))
    at = 0
    while at < len(batch.outcomes) and batch.hangs < MAX_HANGS:
        at = _Fork(target, inputs, limits, batch).run(at)
    return batch


class _Fork:
    """A fork that decodes inputs until one kills it, and the parent's view of it.

    ``cells`` is shared memory: the fork's position, then an outcome for each input and mode.
    """

    def __init__(
        self,
        target: Target,
        inputs: Sequence[tuple[Level, bytes]],
        limits: Limits,
        batch: Batch,
    ) -> None:
        self.target, self.inputs, self.limits, self.batch = target, inputs, limits, batch
        self.modes = target.modes
        self.cells = mmap.mmap(-1, _POSITION.size + len(batch.outcomes))
        self.output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in run
        self.log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in run

    def run(self, first: int) -> int:
        """Decode from cell ``first`` on; return the first cell that is left."""
        last = len(self.batch.outcomes)
        with self.cells, self.output, self.log:
            _POSITION.pack_into(self.cells, 0, first, 0)
            alive, dies = os.pipe()
            pid = _fork()
            if not pid:
                os.close(alive)
                self._run_in_fork(first, last)
            os.close(dies)
            hung = self._watch(pid, alive)
            os.close(alive)
            _, status = os.waitpid(pid, 0)
            at = self._position()
            self.batch.outcomes[first:at] = self.cells[_POSITION.size + first : _POSITION.size + at]
            self._collect_violations()
            if at >= last:
                return last
            self._record_loss(at, status, hung)
            return at + 1

    def _record_loss(self, at: int, status: int, hung: bool) -> None:
        """Record the outcome of the cell that ended the fork."""
        code, output = os.waitstatus_to_exitcode(status), self._read_output()
        if hung:
            outcome, text = HANG, f"no end after {self.limits.seconds:g} s\n{output}"
        else:
            died = f"died of {_signal_name(-code)}" if code < 0 else f"ended with exit code {code}"
            outcome, text = CRASH, f"{died}\n{output}"
        self.batch.outcomes[at] = outcome
        index, mode = divmod(at, len(self.modes))
        self.batch.violations.append(Violation(index, self.modes[mode], outcome, text))

    def _watch(self, pid: int, alive: int) -> bool:
        """Wait for the fork to exit; kill it if it hangs, and return whether it was killed."""
        seconds = self.limits.seconds
        before, worked, since = self._position(), _cpu_seconds(pid), time.monotonic()
        while not select.select([alive], (), (), min(seconds / 4, 0.25))[0]:
            place = self._position()
            if place != before:
                before, worked, since = place, _cpu_seconds(pid), time.monotonic()
            elif (
                _cpu_seconds(pid) - worked > seconds
                or time.monotonic() - since > IDLE_FACTOR * seconds
            ):
                members = tree.descendants(pid)
                tree.dump_stacks(
                    [one for one in members if one.pid == pid],
                    self.output.fileno(),
                    _STACK_DUMP_TIMEOUT,
                )
                tree.kill(members)
                return True
        return False

    def _position(self) -> int:
        place: int = _POSITION.unpack_from(self.cells)[0]
        return place

    def _collect_violations(self) -> None:
        """Collect the violations that the fork survived and logged."""
        self.log.seek(0)
        for line in self.log.read().splitlines():
            index, mode, outcome, text = json.loads(line)
            self.batch.violations.append(Violation(index, self.modes[mode], outcome, text))

    def _read_output(self) -> str:
        """Return the fork's output during its last input."""
        _, start = _POSITION.unpack_from(self.cells)
        return os.pread(self.output.fileno(), _MAX_OUTPUT, start).decode(errors="replace")

    # The rest runs in the fork.

    def _run_in_fork(self, first: int, last: int) -> NoReturn:
        code = 1
        try:
            for stream in (1, 2):
                os.dup2(self.output.fileno(), stream)
            install_stack_dump()
            with limit_memory(self.limits.memory), UnpickleGuard().active() as guard:
                for at in range(first, last):
                    written = os.fstat(self.output.fileno()).st_size
                    _POSITION.pack_into(self.cells, 0, at, written)
                    self._decode_one(at, guard, written)
                _POSITION.pack_into(self.cells, 0, last, 0)
            code = 0
        except BaseException:  # noqa: BLE001 - the fork must not return to its caller
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)

    def _decode_one(self, at: int, guard: UnpickleGuard, written: int) -> None:
        index, mode = divmod(at, len(self.modes))
        level, data = self.inputs[index]
        decoder = self.target.decoders[level][self.modes[mode]]
        text, outcome = "", DECODED
        try:
            decoder(data)
        except self.target.refusal:
            outcome = REFUSED
        except BaseException as error:  # noqa: BLE001 - these are the violations
            outcome, text = PANIC, f"{type(error).__name__}: {error}\n{self._output_since(written)}"
            if "panicked at" not in text:
                text += _innermost(error)
        attempts = guard.drain()
        if attempts and self.modes[mode] == "strict":
            outcome, text = UNPICKLED, "\n".join(attempts[:5])
        if text:
            line = json.dumps((index, mode, outcome, text[:_MAX_OUTPUT])).encode() + b"\n"
            os.write(self.log.fileno(), line)
        self.cells[_POSITION.size + at] = outcome | (UNPICKLE_ATTEMPTED if attempts else 0)

    def _output_since(self, start: int) -> str:
        sys.stderr.flush()
        return os.pread(self.output.fileno(), _MAX_OUTPUT, start).decode(errors="replace")


def _innermost(error: BaseException) -> str:
    """Return the Python file and function that raised an error."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None:
        return ""
    code = place.tb_frame.f_code
    return f"at {os.path.basename(code.co_filename)}, {code.co_name}"


def _cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of a process; 0 if the system does not report them."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            user, system = stat.read().rpartition(")")[2].split()[11:13]
    except OSError:
        return 0.0
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _fork() -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        # Python warns about the engine's threads, which do not run in the fork.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
