"""Damage frame headers, and insert canary payloads."""

from __future__ import annotations

from collections.abc import Callable

from conformance.hostile import canary
from conformance.hostile.choices import Choices, pick
from conformance.hostile.mutations.raw import BYTES
from conformance.hostile.seeds import Seed
from conformance.wire import Envelope, Family, Frame
from conformance.wire.region import splice

MAGICS = (*(family.value for family in Family), Envelope.MAGIC)
_OTHERS = (b"", b"DFPY", b"DFPYUD", b"dfpyudf", b"DFPYUDX", b"DFPYUDF\1DFPYUDF", b"\x80\x05")
_CANARY = canary.payload()


def in_frame(choices: Choices, seed: Seed, change: Callable[[bytes], bytes]) -> bytes:
    """Return ``seed`` with one frame changed and every length around it corrected."""
    found = pick(choices, seed.located.frames)
    return splice(seed.data, [(found.regions, change(found.data))])


def header(choices: Choices, seed: Seed) -> bytes:
    """Change magic, version or Python of a header, or cut the frame inside its header."""

    def change(frame: bytes) -> bytes:
        how = choices.below(4)
        if how == 0:
            return pick(choices, (*MAGICS, *_OTHERS)) + frame[Frame.VERSION_AT :]
        if how == 1:
            return frame[: choices.below(Frame.HEADER_SIZE + 2)]
        place = Frame.VERSION_AT + choices.below(3)
        value = pick(choices, BYTES) if how == 2 else choices.below(256)
        return frame[:place] + bytes([value]) + frame[place + 1 :]

    return in_frame(choices, seed, change)


def canaries(choices: Choices, seed: Seed) -> bytes:
    """Insert a canary payload behind a valid or a slightly damaged header."""

    def change(frame: bytes) -> bytes:
        how = choices.below(3)
        triggering = frame[: Frame.HEADER_SIZE] + _CANARY
        if how == 0:
            return triggering
        if how == 1:
            return pick(choices, MAGICS) + triggering[Frame.VERSION_AT :]
        place = choices.below(Frame.HEADER_SIZE)
        return triggering[:place] + bytes([choices.below(256)]) + triggering[place + 1 :]

    return in_frame(choices, seed, change)
