"""Smaller bytes that do the same: fields taken out, then stretches, then single bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from conformance.hostile.fields import fields
from conformance.wire.region import splice

Probe = Callable[[Sequence[bytes]], Sequence[bool]]
"""Returns for each of some bytes whether they still show it."""

_BATCH_SIZE = 32
"""Bytes that are tried at once."""


def minimise(data: bytes, probe: Probe, budget: int = 4000) -> bytes:
    """Return the smallest bytes found that still do it, with ``budget`` trials at most."""
    while budget > 0:
        before = data
        for smaller in (_without_fields, _without_stretches, _with_zeroed_bytes):
            data, budget = _apply_pass(data, smaller, probe, budget)
        if data == before:
            break
    return data


def _apply_pass(
    data: bytes, smaller: Callable[[bytes], Iterator[bytes]], probe: Probe, budget: int
) -> tuple[bytes, int]:
    """Take what still does it, again and again, until nothing smaller does."""
    candidates = smaller(data)
    while budget > 0 and (tried := list(islice(candidates, _BATCH_SIZE))):
        budget -= len(tried)
        still_failing = [one for one, does in zip(tried, probe(tried), strict=True) if does]
        if still_failing:
            data = min(still_failing, key=lambda one: (len(one), one))
            candidates = smaller(data)
    return data, budget


def _without_fields(data: bytes) -> Iterator[bytes]:
    """Yield a message alone; each field taken out, the widest first.

    Or yield the message with the content of that field only.
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


def _without_stretches(data: bytes) -> Iterator[bytes]:
    """Stretches taken out of the bytes, long ones first; inside of fields, lengths corrected."""
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
    """Each byte as nought, which says that it does not matter."""
    for at, byte in enumerate(data):
        if byte:
            yield data[:at] + b"\0" + data[at + 1 :]
