"""How long a call in a child may take: in time, and in time of the processor."""

from __future__ import annotations

import contextlib
import time

import psutil


class Deadline:
    """The time that a process has to answer.

    A process that waits has ``seconds``. One that works has ``cpu`` seconds of the processor, if
    that is given: other work on the machine does not count. The processes that it starts have
    their own.
    """

    def __init__(self, pid: int, seconds: float, cpu: float | None = None) -> None:
        self._seconds = seconds
        self._expires = time.monotonic() + seconds
        self._cpu = cpu
        self._pid = pid
        self._used_before = 0.0 if cpu is None else self._used()

    def left(self) -> float:
        """Return the seconds left, 0 at least."""
        return max(0, self._expires - time.monotonic())

    def check(self) -> None:
        """Raise ``TimeoutError``, which says what was exceeded, if there is no time left."""
        if not self.left():
            raise TimeoutError(f"{self._seconds:g} s")
        if self._cpu is not None and self._used() - self._used_before > self._cpu:
            raise TimeoutError(f"{self._cpu:g} s of processor time")

    def _used(self) -> float:
        """Return the processor time that the process has used, or 0 if it has ended."""
        with contextlib.suppress(psutil.NoSuchProcess):
            times = psutil.Process(self._pid).cpu_times()
            return float(times.user + times.system)
        return 0
