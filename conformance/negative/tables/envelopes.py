"""Envelopes of extension codecs: accepted, not installed, malformed, nested."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from itertools import product

from conformance.negative.artifacts import hold
from conformance.negative.frames import KIND, NAME, Python, canary, frame, wrap
from conformance.negative.rows import accept, refuse
from conformance.negative.vector import (
    ARTIFACTS,
    CHAINED,
    FAMILIES,
    Artifact,
    Demand,
    Receiver,
    Vector,
    demand,
    join,
)
from conformance.wire import Envelope

CODEC = "codec"
"""The id of the installed codec."""

MODES: Mapping[str, Receiver] = {
    "inlining": Receiver(codecs=(CODEC,)),
    "strict": Receiver(inlining=False, codecs=(CODEC,)),
}
"""Sessions with this codec."""


def decoded(python: Python) -> Iterator[Vector]:
    """Yield envelopes of installed codecs, which hold a valid frame."""
    for artifact, family in product(ARTIFACTS, FAMILIES):
        yield accept(
            join("envelope", "installed", artifact, family),
            "The codec of the envelope is installed. The refused envelopes differ in one place.",
            hold(artifact, family, wrap(frame(family, python), CODEC)),
            "CHAIN-17",
            artifact=artifact,
            receiver=MODES["inlining"],
            since=CHAINED,
        )
    for name, id_ in {"empty": "", "non-ascii": "größe-数", "long": 300 * "x"}.items():
        yield accept(
            join("envelope", "id", name),
            "An id is any text that UTF-8 can encode.",
            hold("expression", "scalar", wrap(frame("scalar", python), id_)),
            "CHAIN-20",
            receiver=Receiver(codecs=(id_, CODEC)),
            since=CHAINED,
        )


def not_installed(python: Python) -> Iterator[Vector]:
    """Yield envelopes of codecs that are not installed."""
    note = (
        "The codec of the envelope is not installed. A decoder that tries another codec, or "
        "decodes the content itself, runs code that was not meant for it."
    )
    for artifact, installed, mode in product(ARTIFACTS, ((), ("b",), ("b", "a")), MODES):
        if mode == "strict" and (artifact != "expression" or len(installed) == 1):
            continue
        there = (
            f"(installed: {', '.join(installed)})"
            if installed
            else "no extension codecs are installed"
        )
        yield refuse(
            join("envelope", "not-installed", artifact, f"of-{len(installed)}", mode),
            note,
            hold(artifact, "scalar", wrap(canary("scalar", python), "other")),
            demand(
                "CHAIN-21",
                "extension codec 'other'",
                *("which is not installed on this session", there),
            ),
            demand("CHAIN-31", kind="Execution"),
            artifact=artifact,
            receiver=Receiver(mode == "inlining", installed),
            since=CHAINED,
        )
    for artifact, family in product(ARTIFACTS, FAMILIES):
        blob = wrap(canary(family, python), "other")
        yield refuse(
            join("envelope", "registered", artifact, family),
            "The codec of the envelope is not installed, and a UDF of the call's name and kind is "
            "registered. A decoder that falls back to it runs another function.",
            hold(artifact, family, blob),
            demand("CHAIN-24"),
            demand("CHAIN-22", f"{KIND[family]} was encoded by extension codec"),
            artifact=artifact,
            receiver=Receiver(codecs=(CODEC,), registered=((family, NAME),)),
            since=CHAINED,
        )
    for artifact, mode in product(ARTIFACTS, MODES):
        yield refuse(
            join("envelope", "of-a-capsule", artifact, mode),
            "The id is that of a bare capsule, which no receiver can have. Only a hint helps.",
            hold(artifact, "scalar", wrap(canary("scalar", python), "anon:0")),
            demand(
                "CHAIN-21", "extension codec 'anon:0'", "which is not installed on this session"
            ),
            demand("CHAIN-23", "PyCapsule", "Pass `codec_id=` when installing it"),
            artifact=artifact,
            receiver=MODES[mode],
            since=CHAINED,
        )
    id_ = "session:00000000-0000-4000-8000-000000000000"
    yield refuse(
        "envelope/of-a-session",
        "The id is that of another session. A decoder that takes every id of a session for its own "
        "decodes the content.",
        hold("expression", "scalar", wrap(canary("scalar", python), id_)),
        demand("CHAIN-21", f"extension codec '{id_}'", "which is not installed on this session"),
        demand("CHAIN-31", kind="Execution"),
        since=CHAINED,
    )


_AT = Envelope.ID_AT
_SIZES = {
    "version": (Envelope.VERSION_AT, "missing envelope version byte"),
    "length": (Envelope.LENGTH_AT, "missing codec id length"),
    "in-the-length": (Envelope.ID_AT - 1, "missing codec id length"),
    "id": (Envelope.ID_AT, "codec id shorter than its declared length"),
    "in-the-id": (Envelope.ID_AT + len(CODEC) - 1, "codec id shorter than its declared length"),
}
"""Where an envelope is cut, and what is then missing."""

_NO_TEXTS = {"stray": "ff", "cut": "c3", "surrogate": "eda080", "overlong": "c080"}
"""Bytes that are not UTF-8."""


def _malformed(whole: bytes) -> Iterator[tuple[str, str, bytes, tuple[Demand, ...]]]:
    """Yield a name, a note, the changed envelope and the demand of its clause."""
    for number in (0, 2, 255):
        found = f"envelope version v{number};"
        changed = whole[: Envelope.VERSION_AT] + bytes((number,)) + whole[Envelope.LENGTH_AT :]
        note = f"The version of the envelope is {number}; 1 is the only supported one."
        words = demand("CHAIN-25", found, "supports v1..=v1", "Align datafusion-python")
        yield f"version-{number}", note, changed, words
    for name, (size, missing) in _SIZES.items():
        note = f"The envelope ends after {size} bytes, inside its header."
        words = demand("CHAIN-26", "Truncated extension codec payload", missing)
        yield f"cut-before-{name}", note, whole[:size], words
    lengths = {"one-past": len(whole) - _AT + 1, "sign-bit": 2**31, "largest": 2**32 - 1}
    for name, length in lengths.items():
        changed = whole[: Envelope.LENGTH_AT] + struct.pack("<I", length) + whole[_AT:]
        note = "The length of the id is past the end. A decoder without this check reads past it."
        words = demand("CHAIN-27", "codec id shorter than its declared length")
        yield f"length-{name}", note, changed, words
    for name, wrong in _NO_TEXTS.items():
        end = _AT + len(CODEC)
        text = bytes.fromhex(wrong)
        changed = whole[: end - len(text)] + text + whole[end:]
        note = "The id is not UTF-8. A decoder that replaces bytes takes it for another id."
        yield f"id-{name}", note, changed, demand("CHAIN-28", "non-UTF-8 codec id")


def malformed(python: Python) -> Iterator[Vector]:
    """Yield envelopes whose header is malformed."""
    whole = wrap(canary("scalar", python), CODEC)
    for (name, note, changed, own), artifact, mode in product(_malformed(whole), ARTIFACTS, MODES):
        chosen = name in ("version-2", "cut-before-length", "length-largest", "id-stray")
        if artifact != "expression" and not (chosen and mode == "inlining"):
            continue
        damaged = mode == "strict" and not name.startswith("cut")
        yield refuse(
            join("envelope", name, artifact, mode),
            note,
            hold(artifact, "scalar", changed),
            own,
            demand("CHAIN-31", kind="Execution", of=chosen),
            demand("HOSTILE-07", unpickles=False, of=damaged),
            artifact=artifact,
            receiver=MODES[mode],
            since=CHAINED,
        )


_DEPTHS: Mapping[Artifact, int] = {"expression": 1000, "logical": 10, "physical": 10}
"""How deep envelopes nest; a thousand deep once, since it takes much space."""


def nested(python: Python) -> Iterator[Vector]:
    """Yield envelopes of a codec that is not installed, inside one of a codec that is."""
    for artifact, depth in _DEPTHS.items():
        blob = wrap(canary("scalar", python), CODEC, *["in"] * depth)
        yield refuse(
            join("envelope", "nested", artifact),
            f"Envelopes nest {depth} deep. The codec of the outermost one has no codecs. A decoder "
            "without a bound recurses until it crashes.",
            hold(artifact, "scalar", blob),
            demand("CHAIN-29", "extension codec 'in'", "which is not installed on this session"),
            artifact=artifact,
            receiver=MODES["inlining"],
            since=CHAINED,
        )


def cut_frames(python: Python) -> Iterator[Vector]:
    """Yield envelopes whose frame is cut short."""
    missing = {7: "wire-format version", 8: "Python major version", 9: "Python minor version"}
    for artifact, size in product(ARTIFACTS, (0, 1, 6, *missing)):
        if artifact != "expression" and size not in (6, 8):
            continue
        words = f"missing {missing[size]} byte" if size in missing else NAME
        yield refuse(
            join("envelope", f"cut-frame-{size}", artifact),
            f"The frame in the envelope has {size} bytes, and its codec refuses it.",
            hold(artifact, "scalar", wrap(canary("scalar", python).to_bytes()[:size], CODEC)),
            demand("CHAIN-30", words),
            artifact=artifact,
            receiver=MODES["inlining"],
            since=CHAINED,
        )
