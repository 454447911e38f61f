"""Limit the address space, so that an oversized allocation fails in the process alone."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

MAX_MEMORY = 1 << 27
"""Bytes that decoding an input may allocate: 2,000 times the longest input."""


@contextmanager
def limit_memory(memory: int = MAX_MEMORY) -> Iterator[None]:
    """Limit the process, inside the block, to ``memory`` more bytes of address space."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = _address_space()
    if used:
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def _address_space() -> int:
    """Return the used address space in bytes; 0 if the system does not report it."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0
