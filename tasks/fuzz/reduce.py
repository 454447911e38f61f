"""Minimise inputs: delete fields, then ranges of bytes, then zero single bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from conformance.hostile.fields import fields
from conformance.wire.region import splice

Probe = Callable[[Sequence[bytes]], Sequence[bool]]
"""Return for each candidate whether it still fails."""

_BATCH_SIZE = 32
"""Candidates that one probe tries."""


def minimise(data: bytes, probe: Probe, budget: int = 4000) -> bytes:
    """Return the smallest bytes found that still fail, with at most ``budget`` trials."""
    while budget > 0:
        before = data
        for smaller in (_without_fields, _without_ranges, _with_zeroed_bytes):
            data, budget = _apply_pass(data, smaller, probe, budget)
        if data == before:
            break
    return data


def _apply_pass(
    data: bytes, smaller: Callable[[bytes], Iterator[bytes]], probe: Probe, budget: int
) -> tuple[bytes, int]:
    """Repeat with the smallest candidate that still fails, until no smaller one does."""
    candidates = smaller(data)
    while budget > 0 and (tried := list(islice(candidates, _BATCH_SIZE))):
        budget -= len(tried)
        still_failing = [one for one, fails in zip(tried, probe(tried), strict=True) if fails]
        if still_failing:
            data = min(still_failing, key=lambda one: (len(one), one))
            candidates = smaller(data)
    return data, budget


def _without_fields(data: bytes) -> Iterator[bytes]:
    """Yield each nested message alone, then the data without one field, then with one emptied.

    The largest fields are deleted first.
    """
    known = sorted(fields(data), key=lambda one: one.regions[-1].end - one.regions[-1].start)
    yield from (one.value(data) for one in known if one.message)
    for one in reversed(known):
        yield splice(data, [(one.whole, b"")])
    for one in known:
        if one.regions[:-1] and one.message and one.regions[-2].start < one.regions[-1].start:
            region = one.regions[-1]
            yield splice(data, [(one.regions[:-1], data[region.tag : region.end])])
        if one.value(data) and one.regions[-1].prefix < one.regions[-1].start:
            yield splice(data, [(one.regions, b"")])


def _without_ranges(data: bytes) -> Iterator[bytes]:
    """Yield the data without a range of bytes, long ranges first, then the same inside fields."""
    size = len(data) // 2
    while size:
        for start in range(0, len(data), size):
            yield data[:start] + data[start + size :]
        size //= 2
    for one in fields(data):
        value, region = one.value(data), one.regions[-1]
        if one.message or region.prefix == region.start:
            continue
        size = len(value) // 2
        while size:
            for start in range(0, len(value), size):
                yield splice(data, [(one.regions, value[:start] + value[start + size :])])
            size //= 2


def _with_zeroed_bytes(data: bytes) -> Iterator[bytes]:
    """Yield the data with one byte zeroed, which shows that its value does not matter."""
    for at, byte in enumerate(data):
        if byte:
            yield data[:at] + b"\0" + data[at + 1 :]
