"""Damage that knows no structure: bits, cuts, pieces that stand elsewhere."""

from __future__ import annotations

from conformance.hostile.choices import Choices, pick, repeat

BYTES = (0x00, 0x01, 0x0A, 0x7F, 0x80, 0xFE, 0xFF)
NUMBERS = (
    *(0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000),
    *(10**6, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**62, 2**63 - 1, 2**63, 2**64 - 1),
)
"""Where readers slip: the edges of what fits."""


def bits(choices: Choices, data: bytes) -> bytes:
    """Up to four bytes changed, by a bit or to one of ``BYTES``."""
    out = bytearray(data or b"\0")
    for _ in repeat(choices, 4):
        at, how = choices.below(len(out)), choices.below(8 + len(BYTES))
        out[at] = out[at] ^ 1 << how if how < 8 else BYTES[how - 8]
    return bytes(out)


def cuts(choices: Choices, data: bytes, other: bytes) -> bytes:
    """Cut short, or with a stretch taken out, doubled, or put in from somewhere else."""
    how = choices.below(6)
    at = choices.below(len(data) + 1)
    if how == 0:
        return data[:at]
    if how == 1:
        return data[at:]
    size = choices.below(1 << pick(choices, (2, 4, 8))) + 1
    if how == 2:
        return data[:at] + data[at + size :]
    if how == 3:
        return data[: at + size] + data[at:]
    if how == 4:
        start = choices.below(len(other) + 1)
        return data[:at] + other[start : start + size] + data[at:]
    return data[:at] + bytes([pick(choices, BYTES)]) * size + data[at:]


def number(choices: Choices, value: int, bits: int = 64) -> int:
    """Another number than ``value``, of so many bits: near it, or one of ``NUMBERS``."""
    how = choices.below(len(NUMBERS) + 4)
    new = value + (-2, -1, 1, 2)[how - len(NUMBERS)] if how >= len(NUMBERS) else NUMBERS[how]
    return new % (1 << bits)
