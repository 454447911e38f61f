"""A bound on memory, so that who asks for too much is told so and the machine is not."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 1 << 27
"""Bytes that reading an input may take: two thousand times the longest one."""


@contextmanager
def bounded(memory: int = MOST) -> Iterator[None]:
    """Inside the block this process gets ``memory`` bytes more, where the system bounds it."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = _used()
    if used:
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _used() -> int:
    """Return the address space that is taken; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0
