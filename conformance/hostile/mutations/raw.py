"""Damage without regard to structure: bits, cuts, pieces from elsewhere."""

from __future__ import annotations

from conformance.hostile.choices import Choices, pick, repeat

BYTES = (0x00, 0x01, 0x0A, 0x7F, 0x80, 0xFE, 0xFF)
NUMBERS = (
    *(0, 1, 2, 3, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000),
    *(10**6, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**62, 2**63 - 1, 2**63, 2**64 - 1),
)
"""Boundary values of integer types."""


def bits(choices: Choices, data: bytes) -> bytes:
    """Change up to four bytes: flip a bit or write one of ``BYTES``."""
    out = bytearray(data or b"\0")
    for _ in repeat(choices, 4):
        at, how = choices.below(len(out)), choices.below(8 + len(BYTES))
        out[at] = out[at] ^ 1 << how if how < 8 else BYTES[how - 8]
    return bytes(out)


def cuts(choices: Choices, data: bytes, other: bytes) -> bytes:
    """Truncate the data, or delete, repeat or insert a range of bytes."""
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
    """Return a number of ``bits`` bits: close to ``value``, or one of ``NUMBERS``."""
    how = choices.below(len(NUMBERS) + 4)
    new = value + (-2, -1, 1, 2)[how - len(NUMBERS)] if how >= len(NUMBERS) else NUMBERS[how]
    return new % (1 << bits)
