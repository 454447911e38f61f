"""Damage lengths: of fields, envelopes, schemas and pickle opcodes."""

from __future__ import annotations

import re
from functools import lru_cache

from conformance.hostile.choices import Choices, pick, repeat
from conformance.hostile.fields import LENGTH, fields
from conformance.hostile.mutations.raw import number
from conformance.hostile.seeds import Seed
from conformance.wire import WireError
from conformance.wire.chain import Envelope
from conformance.wire.pickles import opcodes
from conformance.wire.region import varint

_WIDTHS = {
    **dict.fromkeys(("SHORT_BINBYTES", "SHORT_BINUNICODE", "SHORT_BINSTRING", "LONG1"), 1),
    **dict.fromkeys(("BINBYTES", "BINUNICODE", "BINSTRING", "LONG4", "LONG_BINPUT"), 4),
    **dict.fromkeys(("BINBYTES8", "BINUNICODE8", "BYTEARRAY8", "FRAME"), 8),
}
"""Size of the length behind an opcode, in bytes."""

_CONTINUED = re.compile(rb"\xff\xff\xff\xff(?=....)", re.DOTALL)
"""The marker in front of the length of an Arrow IPC message."""


@lru_cache(maxsize=512)
def _places(seed: Seed) -> tuple[tuple[int, int], ...]:
    """Return the offset and width of each length of fixed width."""
    data = seed.data
    found = [(match.end(), 4) for match in _CONTINUED.finditer(data)]
    for one_found in seed.located.found:
        at = one_found.offset
        if one_found.is_envelope:
            found.append((at + Envelope.LENGTH_AT, 4))
            continue
        try:
            read = opcodes(one_found.data[10:])
        except WireError:
            continue
        found += [
            (at + 10 + opcode.position + 1, _WIDTHS[opcode.name])
            for opcode in read
            if opcode.name in _WIDTHS
        ]
    return tuple(found)


def lengths(choices: Choices, seed: Seed) -> bytes:
    """Replace one or two lengths; correct no other."""
    data = seed.data
    places = _places(seed)
    prefixes = [one.regions[-1] for one in fields(data) if one.wire_type == LENGTH]
    edits: list[tuple[int, int, bytes]] = []
    for _ in repeat(choices, 2):
        if places and (not prefixes or choices.below(3) == 0):
            at, width = pick(choices, places)
            old = int.from_bytes(data[at : at + width], "little")
            new = number(choices, old, 8 * width).to_bytes(width, "little")
            edits.append((at, at + width, new))
        elif prefixes:
            region = pick(choices, prefixes)
            written = varint(number(choices, region.end - region.start))
            if choices.below(8) == 0:  # longer than it need be
                written = written[:-1] + bytes([written[-1] | 0x80, *[0x80] * 3, 0])
            edits.append((region.prefix, region.start, written))
    for start, end, new in sorted(edits, reverse=True):
        data = data[:start] + new + data[end:]
    return data
