"""Describe the machine that measured."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

_CPUS = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Machine:
    """The facts about a machine that a reader of the numbers needs.

    ``load`` is that of the last minute.
    """

    cpu: str
    cores: int
    kernel: str
    python: str
    load: float
    day: str

    def __str__(self) -> str:
        return (
            f"{self.cpu}, {self.cores} cores, {self.kernel}, Python {self.python}, {self.day}; "
            f"load {self.load:.1f} in the minute before"
        )


def machine() -> Machine:
    """Return the facts about this machine now."""
    return Machine(
        cpu=_cpu(_CPUS.read_text(encoding="utf-8") if _CPUS.is_file() else ""),
        cores=cores(),
        kernel=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        load=os.getloadavg()[0],
        day=time.strftime("%Y-%m-%d"),
    )


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu(cpuinfo: str) -> str:
    for line in cpuinfo.splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
