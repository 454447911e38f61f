"""Limit the address space, so that an oversized allocation fails in the process alone."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

MAX_MEMORY = 1 << 27
"""Bytes that reading an input may take: two thousand times the longest one."""


@contextmanager
def limit_memory(memory: int = MAX_MEMORY) -> Iterator[None]:
    """Inside the block this process gets ``memory`` bytes more, where the system bounds it."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = _address_space()
    if used:
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _address_space() -> int:
    """Return the address space that is taken; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0
