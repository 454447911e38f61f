"""A stretch of bytes whose length is written before it, and how to change one."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from conformance.wire.errors import WireError


@dataclass(frozen=True)
class Region:
    """``data[start:end]``, with its length written in ``data[prefix:start]``.

    ``length`` writes a length as such a prefix. A field of a message starts
    with its tag at ``tag``. All offsets are in bytes from the start of the
    outermost bytes.
    """

    prefix: int
    start: int
    end: int
    length: Callable[[int], bytes]
    tag: int | None = None

    def with_tag(self) -> Region:
        """Return the whole field, tag and length included; ``WireError`` for what is no field."""
        if self.tag is None:
            raise WireError("only a field of a message can be taken out")
        return Region(self.tag, self.tag, self.end, unwritten)


def varint(value: int) -> bytes:
    """Write a length as protobuf does: seven bits a byte, lowest first."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def u64(value: int) -> bytes:
    """Write a length as a pickle does for its frames."""
    return struct.pack("<Q", value)


def unwritten(_: int) -> bytes:
    """Write nothing: such a region ends where its surroundings end."""
    return b""


def splice(data: bytes, edits: Iterable[tuple[tuple[Region, ...], bytes]]) -> bytes:
    """Change regions of ``data`` and correct every length around them.

    An edit is the region's chain, outermost first and itself last, with its
    new content. A length that stays the same keeps its bytes, even where
    another writer would have put them otherwise; so do all bytes elsewhere.

    Raises ``WireError`` where one edit lies inside another.
    """
    content: dict[Region, bytes] = {}
    around: dict[Region, tuple[Region, ...]] = {}
    for chain, new in edits:
        content[chain[-1]] = new
        for depth, region in enumerate(chain):
            around[region] = chain[:depth]
    grown = dict.fromkeys(around, 0)
    out = bytearray(data)
    # An inner region starts after its outer one, and what lies further right
    # does not move what lies left: from right to left, all offsets hold.
    for region in sorted(around, key=lambda region: region.start, reverse=True):
        if region in content:
            if any(outer in content for outer in around[region]):
                raise WireError("one replaced region lies inside another")
            out[region.start : region.end] = content[region]
            grown[region] = len(content[region]) - (region.end - region.start)
        growth = grown[region]
        if growth:
            old = region.start - region.prefix
            prefix = region.length(region.end - region.start + growth)
            out[region.prefix : region.start] = prefix
            growth += len(prefix) - old
            for outer in around[region][-1:]:
                grown[outer] += growth
    return bytes(out)
