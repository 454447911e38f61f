"""Damage protobuf messages: delete, repeat, move, retype, nest and transplant fields."""

from __future__ import annotations

from conformance.hostile.choices import Choices, pick, repeat
from conformance.hostile.fields import FIXED32, FIXED64, LENGTH, VARINT, Field, fields, tag
from conformance.hostile.mutations.raw import bits, number
from conformance.hostile.seeds import Seed
from conformance.wire.region import splice as spliced
from conformance.wire.region import varint

_DEPTHS = (1, 2, 3, 10, 24, 49, 50, 98, 99, 100, 101, 150, 200, 1000, 10000)
_NUMBERS = (1, 2, 3, 4, 15, 16, 18, 19, 20, 21, 31, 32, 100, 19000, 2**29 - 1, 2**29)
_WIRE_TYPES = (VARINT, FIXED64, LENGTH, 3, 4, FIXED32, 6, 7)
_TEXTS = (b"", b"f", b"\xff\xfe", b"\0", "\u202e\U0001f4a3".encode(), b"x" * 5000)


def fields_of(choices: Choices, data: bytes) -> bytes:
    """Change one to three fields, one after the other."""
    for _ in repeat(choices, 3):
        known = fields(data)
        if not known:
            return bits(choices, data)
        chosen = pick(choices, known)
        data = _changed(choices, data, chosen, known)
    return data


def _changed(choices: Choices, data: bytes, chosen: Field, known: tuple[Field, ...]) -> bytes:
    region = chosen.regions[-1]
    whole = data[region.tag : region.end]
    how = choices.below(9)
    if how == 0:
        return spliced(data, [(chosen.whole, b"")])
    if how == 1:
        return spliced(data, [(chosen.whole, whole * pick(choices, (2, 3, 100)))])
    if how == 2:  # another field number
        new = tag(pick(choices, _NUMBERS), chosen.wire_type)
        return spliced(data, [(chosen.whole, new + data[region.prefix : region.end])])
    if how == 3:
        new = tag(chosen.number, pick(choices, _WIRE_TYPES))
        return spliced(data, [(chosen.whole, new + data[region.prefix : region.end])])
    if how == 4:
        source = pick(choices, known).regions[-1]
        return spliced(data, [(chosen.whole, whole + data[source.tag : source.end])])
    if how == 5:
        source = pick(choices, known).regions[-1]
        return spliced(data, [(chosen.regions, data[source.start : source.end])])
    return spliced(data, [(chosen.regions, _value(choices, data, chosen))])


def _value(choices: Choices, data: bytes, chosen: Field) -> bytes:
    old = chosen.value(data)
    if chosen.wire_type == VARINT:
        return varint(number(choices, _read(old)))
    if chosen.wire_type in (FIXED32, FIXED64):
        size = len(old)
        return number(choices, int.from_bytes(old, "little"), 8 * size).to_bytes(size, "little")
    if old and choices.below(2):
        return bits(choices, old)
    return pick(choices, _TEXTS)


def _read(written: bytes) -> int:
    return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(written))


def nesting(choices: Choices, data: bytes) -> bytes:
    """Nest a message in itself, around and beyond the recursion limits of readers."""
    known = [one for one in fields(data) if one.message]
    if not known:
        return bits(choices, data)
    chosen, depth = pick(choices, known), pick(choices, _DEPTHS)
    # Repeat the path of fields from the level ``outer`` down to the chosen one.
    outer = choices.below(len(chosen.regions))
    path = [_number(data, region.tag) for region in chosen.regions[outer:]]
    tags = [tag(step, LENGTH) for step in reversed(path)]
    heads: list[bytes] = []
    size = len(inner := chosen.value(data))
    for at in range(depth):
        heads.append(tags[at % len(tags)] + varint(size))
        size += len(heads[-1])
    return spliced(data, [(chosen.regions, b"".join(reversed(heads)) + inner)])


def _number(data: bytes, at: int | None) -> int:
    value = shift = 0
    at = at or 0
    while True:
        value |= (data[at] & 0x7F) << shift
        if data[at] < 0x80:
            return value >> 3
        at, shift = at + 1, shift + 7


def splice(choices: Choices, seed: Seed, other: Seed) -> bytes:
    """Replace a part of the seed by a part of another, or concatenate the two."""
    how = choices.below(4)
    if how == 0:
        return seed.data + other.data
    mine, theirs = fields(seed.data), fields(other.data)
    frames = seed.located.frames, other.located.frames
    if how == 1 and all(frames):
        target, source = pick(choices, frames[0]), pick(choices, frames[1])
        return spliced(seed.data, [(target.regions, source.data)])
    if not mine or not theirs:
        return other.data + seed.data
    target_field, source_field = pick(choices, mine), pick(choices, theirs)
    if how == 2:  # replace a field of the same number and type, if there is one
        same = [
            one_field
            for one_field in mine
            if (one_field.number, one_field.wire_type)
            == (source_field.number, source_field.wire_type)
        ]
        target_field = pick(choices, same) if same else target_field
    region = source_field.regions[-1]
    return spliced(seed.data, [(target_field.whole, other.data[region.tag : region.end])])
