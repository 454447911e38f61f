"""Length-prefixed regions of bytes, and how to replace their content."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from conformance.wire.errors import WireError


@dataclass(frozen=True, slots=True)
class Region:
    """``data[start:end]``, with its length encoded in ``data[prefix:start]``.

    ``length`` encodes a length as such a prefix. The tag of a message's field
    is at ``tag``. All offsets are in bytes from the start of the outermost
    bytes.
    """

    prefix: int
    start: int
    end: int
    length: Callable[[int], bytes]
    tag: int | None = None

    def with_tag(self) -> Region:
        """Return the region with its tag and length; ``WireError`` if it is not a field."""
        if self.tag is None:
            raise WireError("only a field of a message can be removed")
        return Region(self.tag, self.tag, self.end, no_prefix)


def varint(value: int) -> bytes:
    """Encode a length as a protobuf varint."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def u64(value: int) -> bytes:
    """Encode a length as in the frames of a pickle."""
    return struct.pack("<Q", value)


def no_prefix(_: int) -> bytes:
    """Return no bytes: the region ends where the enclosing region ends."""
    return b""


def splice(data: bytes, edits: Iterable[tuple[tuple[Region, ...], bytes]]) -> bytes:
    """Replace regions of ``data`` and update every enclosing length.

    An edit is the chain of enclosing regions, outermost first and the region
    itself last, with its new content. All other bytes stay the same. An
    unchanged length keeps its bytes, even if they are not its shortest
    encoding.

    Raises ``WireError`` if one edit is inside another.
    """
    content: dict[Region, bytes] = {}
    around: dict[Region, tuple[Region, ...]] = {}
    for chain, new in edits:
        content[chain[-1]] = new
        for depth, region in enumerate(chain):
            around[region] = chain[:depth]
    grown = dict.fromkeys(around, 0)
    out = bytearray(data)

    def place(region: Region) -> tuple[int, int]:
        return region.start, len(around[region])

    # From right to left, so that an edit moves no offset that is still needed; the first field of
    # a message before the message, so that the message's length counts it.
    for region in sorted(around, key=place, reverse=True):
        if region in content:
            if any(outer in content for outer in around[region]):
                raise WireError("one replaced region is inside another")
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
