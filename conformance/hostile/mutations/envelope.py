"""Damage codec envelopes: nested ones, wrong ids, wrong lengths."""

from __future__ import annotations

import struct

from conformance.golden.cases import CODEC_ID
from conformance.hostile.choices import Choices, pick
from conformance.hostile.mutations.frame import in_frame
from conformance.hostile.mutations.raw import number
from conformance.hostile.seeds import Seed
from conformance.wire import Envelope
from conformance.wire.region import splice

_IDS = (
    CODEC_ID.encode(),
    *(b"", b"session:", b"anon:", b"\xff", b"x" * 300, b"\xed\xa0\x80", b"a\0b"),
)
_DEPTHS = (1, 1, 1, 2, 3, 20, 500)


def envelopes(choices: Choices, seed: Seed) -> bytes:
    """Wrap a frame in one or many envelopes, or damage an existing envelope."""
    present = seed.located.envelopes
    if present and choices.below(2):
        found = pick(choices, present)
        return splice(seed.data, [(found.regions, _damage(choices, found.data))])
    depth, codec_id = pick(choices, _DEPTHS), pick(choices, _IDS)

    def wrap(frame: bytes) -> bytes:
        for _ in range(depth):
            frame = _envelope(1, len(codec_id), codec_id, frame)
        return _damage(choices, frame) if choices.below(2) else frame

    return in_frame(choices, seed, wrap)


def _damage(choices: Choices, data: bytes) -> bytes:
    how = choices.below(5)
    size = int.from_bytes(data[Envelope.LENGTH_AT : Envelope.ID_AT], "little")
    codec_id = data[Envelope.ID_AT : Envelope.ID_AT + size]
    blob = data[Envelope.ID_AT + size :]
    if how == 0:
        return data[: choices.below(Envelope.ID_AT + size + 12)]
    if how == 1:
        return _envelope(choices.below(256), size, codec_id, blob)
    if how == 2:
        return _envelope(1, number(choices, size, 32), codec_id, blob)
    if how == 3:
        other = pick(choices, _IDS)
        return _envelope(1, len(other), other, blob)
    return _envelope(1, size, codec_id, pick(choices, (b"", blob[:9], data, b"DFPYUDF")))


def _envelope(version: int, size: int, codec_id: bytes, blob: bytes) -> bytes:
    return Envelope.MAGIC + struct.pack("<BI", version, size) + codec_id + blob
