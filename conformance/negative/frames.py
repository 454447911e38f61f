"""Frames and payloads: valid ones, which the tables change in one place."""

from __future__ import annotations

from collections.abc import Mapping

from conformance import wire
from conformance.negative import pickles, schemas
from conformance.negative.pickles import Opcodes
from conformance.negative.vector import Family
from conformance.wire import Envelope, Frame

Python = tuple[int, int]
"""The major and the minor version of the receiver's Python."""

NAME = "times"
"""The name of the UDF, in its call and in its payload."""

KIND: Mapping[Family, str] = {
    "scalar": "scalar UDF",
    "aggregate": "aggregate UDF",
    "window": "window UDF",
}
"""The words for each family in error messages."""

OTHERS: Mapping[Family, tuple[Family, Family]] = {
    "scalar": ("aggregate", "window"),
    "aggregate": ("scalar", "window"),
    "window": ("scalar", "aggregate"),
}


def members(family: Family, **others: Opcodes) -> dict[str, Opcodes]:
    """Return the members of a valid payload by name; ``others`` replace some of them.

    The callable is of the standard library, by reference; that of an aggregate or a window is a
    factory.
    """
    factory = pickles.reference("builtins", "object")
    state = {"state": pickles.data(schemas.STATE)} if family == "aggregate" else {}
    valid = {
        "name": pickles.text(NAME),
        "callable": pickles.reference("operator", "neg") if family == "scalar" else factory,
        "inputs": pickles.data(schemas.INPUTS),
        "returns": pickles.data(schemas.RETURNS),
        **state,
        "volatility": pickles.text("immutable"),
    }
    assert others.keys() <= valid.keys(), others
    return valid | others


def payload(family: Family, **others: Opcodes) -> bytes:
    """Return a payload, of a valid one with ``others`` in place of its members."""
    return pickles.dump(pickles.collect(members(family, **others).values()))


def frame(family: Family, python: Python, content: bytes | None = None) -> Frame:
    """Return a frame for this receiver, with a valid payload unless ``content`` is given."""
    chosen = payload(family) if content is None else content
    return Frame(wire.Family[family.upper()], 1, python, chosen)


def canary(family: Family, python: Python) -> Frame:
    """Return a frame whose payload is valid, and runs code when it is unpickled."""
    return frame(family, python, payload(family, callable=pickles.canary()))


def with_magic(magic: bytes, changed: Frame) -> bytes:
    """Return the bytes of a frame with these bytes in place of its magic."""
    return magic + changed.to_bytes()[wire.Frame.VERSION_AT :]


def wrap(content: bytes | Frame, *codec_ids: str) -> bytes:
    """Return ``content`` in the envelopes of these codecs, the first outermost."""
    blob = content if isinstance(content, bytes) else content.to_bytes()
    for codec_id in reversed(codec_ids):
        blob = Envelope(codec_id, blob).to_bytes()
    return blob
