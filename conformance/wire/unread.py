"""Magics in bytes that no reader has reached: there may be UDFs that nobody has seen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.wire.protobuf import Found

_MAGIC = re.compile(rb"DFPY(?:UDF|UDA|UDW|CHN)")
_MOST = 1_000
"""The maximum number of magics that are listed."""


@dataclass(frozen=True)
class Unread:
    """A magic outside every frame and envelope that was found, at ``offset`` in bytes."""

    offset: int
    magic: str


def find_unread(data: bytes, found: Iterable[Found]) -> list[Unread]:
    """List the magics in ``data`` that begin none of ``found`` and are inside no frame of it.

    The blob of an envelope is read, so that a magic in it counts; the payload of a frame holds
    what its UDF needs, and is not searched.
    """
    known = list(found)
    frames = sorted((one.offset, one.offset + one.size) for one in known if not one.is_envelope)
    starts = {one.offset for one in known}
    unread: list[Unread] = []
    place = 0
    for match in _MAGIC.finditer(data):
        while place < len(frames) and frames[place][1] <= match.start():
            place += 1
        inside = place < len(frames) and frames[place][0] <= match.start()
        if not inside and match.start() not in starts:
            unread.append(Unread(match.start(), match[0].decode()))
            if len(unread) == _MOST:
                break
    return unread
