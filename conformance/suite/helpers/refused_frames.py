"""Changes of frames and envelopes that a decoder refuses, by the reason why it does."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from conformance.catalogue.nodes import Family
from conformance.suite.helpers.handmade_frames import INT, ONE_INT, encode_schema, payload_members
from conformance.wire import Envelope, Frame

Change = Callable[[bytes, Family], bytes]
"""Return the bytes to decode in place of a frame of this family."""

CODEC = "codec"
"""The id in the envelopes."""

NAME = "times"
"""The name of the UDF in payloads and in calls."""

_TWO_FIELDS = encode_schema(pa.field("a", INT), pa.field("b", INT))
_SCHEMAS = {
    # The length is small: a decoder allocates what it says.
    "garbage": b"\xff\xff\xff\xff\x08\0\0\0garbage!",
    "empty": b"",
    "cut": ONE_INT[: len(ONE_INT) // 2],
}
_MEMBERS = ("name", "callable", "inputs", "returns", "state", "volatility")


def unchanged(frame: bytes, family: Family) -> bytes:
    """Return the frame."""
    del family
    return frame


def wrap(change: Change) -> Change:
    """Return ``change`` followed by an envelope of ``CODEC``."""
    return lambda frame, family: Envelope(CODEC, change(frame, family)).to_bytes()


def _set(offset: int, *values: int) -> Change:
    return lambda frame, _: frame[:offset] + bytes(values) + frame[offset + len(values) :]


def _cut(size: int) -> Change:
    return lambda frame, _: frame[:size]


def _payload(content: bytes) -> Change:
    return lambda frame, _: frame[: Frame.HEADER_SIZE] + content


def _tuple(change: Callable[[tuple[Any, ...]], object]) -> Change:
    """Return a change that puts ``change`` of a valid tuple into the payload."""

    def apply(frame: bytes, family: Family) -> bytes:
        members = change(payload_members(family, name=NAME))
        return frame[: Frame.HEADER_SIZE] + pickle.dumps(members)

    return apply


def _member(**others: Any) -> Change:
    """Return a change that replaces members of a valid tuple."""
    return lambda frame, family: (
        frame[: Frame.HEADER_SIZE]
        + pickle.dumps(payload_members(family, **{"name": NAME, **others}))
    )


FRAMES: Mapping[str, Change] = {
    "version-0": _set(Frame.VERSION_AT, 0),
    "version-2": _set(Frame.VERSION_AT, 2),
    "python-2.7": _set(Frame.MAJOR_AT, 2, 7),
    "python-3.0": _set(Frame.MAJOR_AT, 3, 0),
    **{f"cut-{size}": _cut(size) for size in range(1, Frame.HEADER_SIZE + 1)},
    "payload-garbage": _payload(b"garbage"),
    "payload-cut": lambda frame, family: _member()(frame, family)[:-1],
    "payload-number": _tuple(lambda _: 7),
    "payload-list": _tuple(list),
    "tuple-empty": _tuple(lambda _: ()),
    "tuple-short": _tuple(lambda members: members[:-1]),
    **{f"type-{name}": _member(**{name: 7}) for name in _MEMBERS},
    "volatility-unknown": _member(volatility="often"),
    **{
        f"schema-{how}-{name}": _member(**{name: data})
        for name in ("inputs", "returns", "state")
        for how, data in _SCHEMAS.items()
    },
    "returns-no-field": _member(returns=encode_schema()),
    "returns-two-fields": _member(returns=_TWO_FIELDS),
}
"""Changes of a frame."""

ONLY_AGGREGATES = ("type-state", *(f"schema-{how}-state" for how in _SCHEMAS))
"""The changes of a member that only the tuple of an aggregate has."""


def _envelope(change: Callable[[bytes], bytes]) -> Change:
    return lambda frame, _: change(Envelope(CODEC, frame).to_bytes())


def _length(envelope: bytes) -> bytes:
    past = struct.pack("<I", len(envelope) - Envelope.ID_AT + 1)
    return envelope[: Envelope.LENGTH_AT] + past + envelope[Envelope.ID_AT :]


def _set_version(version: int) -> Change:
    at = Envelope.VERSION_AT
    return _envelope(lambda data: data[:at] + bytes((version,)) + data[at + 1 :])


def _cut_envelope(size: int) -> Change:
    return _envelope(lambda data: data[:size])


ENVELOPES: Mapping[str, Change] = {
    "envelope-version-0": _set_version(0),
    "envelope-version-2": _set_version(2),
    **{
        f"envelope-cut-{size}": _cut_envelope(size)
        for size in range(Envelope.VERSION_AT, Envelope.ID_AT + len(CODEC))
    },
    "envelope-length": _envelope(_length),
    "envelope-utf-8": _envelope(
        lambda data: data[: Envelope.ID_AT] + b"\xff" + data[Envelope.ID_AT + 1 :]
    ),
    "envelope-other-id": lambda frame, _: Envelope("other", frame).to_bytes(),
    "envelope-capsule-id": lambda frame, _: Envelope("anon:0", frame).to_bytes(),
}
"""Changes that put a frame into an envelope that a session with the codec ``CODEC`` refuses."""
