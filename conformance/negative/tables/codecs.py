"""Frames, bare and in envelopes, on strict sessions with codecs, and without the codec at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from conformance.negative.artifacts import hold
from conformance.negative.frames import NAME, Python, canary, wrap
from conformance.negative.rows import refuse
from conformance.negative.tables.envelopes import CODEC, MODES
from conformance.negative.vector import (
    ARTIFACTS,
    CHAINED,
    FAMILIES,
    Receiver,
    Vector,
    demand,
    join,
)

GOLDEN = "conformance.golden"
"""The id in the envelopes of the golden store."""


def bare(python: Python) -> Iterator[Vector]:
    """Yield bare frames on a strict session with an inlining codec."""
    for artifact, family in product(ARTIFACTS, FAMILIES):
        yield refuse(
            join("codec", "bare", artifact, family),
            "The session is strict and has a codec that inlines. A decoder that asks its codecs "
            "first runs the sender's code.",
            hold(artifact, family, canary(family, python).to_bytes()),
            demand("CODEC-03"),
            demand("CODEC-05", unpickles=False),
            artifact=artifact,
            receiver=MODES["strict"],
            since=CHAINED,
        )


def wrapped(python: Python) -> Iterator[Vector]:
    """Yield frames in envelopes of a codec that inlines, on a strict session."""
    for artifact, family in product(ARTIFACTS, FAMILIES):
        yield refuse(
            join("codec", "wrapped", artifact, family),
            "The session is strict and its codec inlines. A decoder that checks only the outermost "
            "magic runs the sender's code.",
            hold(artifact, family, wrap(canary(family, python), CODEC)),
            demand("CODEC-07"),
            demand("CODEC-09", unpickles=False),
            artifact=artifact,
            receiver=MODES["strict"],
            since=CHAINED,
        )
    frame = canary("scalar", python)
    damaged = {
        "version": ("FRAME-07", replace(frame, wire_version=2).to_bytes()),
        "python": ("FRAME-12", replace(frame, python=(python[0], python[1] + 1)).to_bytes()),
        "cut": ("FRAME-22", frame.to_bytes()[:-1]),
    }
    for name, (clause, content) in damaged.items():
        yield refuse(
            join("codec", "damaged", name),
            "The session is strict, its codec inlines, and the frame in the envelope is damaged.",
            hold("expression", "scalar", wrap(content, CODEC)),
            demand(clause, kind="Execution"),
            demand("HOSTILE-07", unpickles=False),
            receiver=MODES["strict"],
            since=CHAINED,
        )


_COMPOSED, _DECOMPOSED = "gr\u00f6\u00dfe", "gro\u0308\u00dfe"
"""One word in two forms of Unicode, NFC and NFD."""

_SIMILAR = {
    "longer": (CODEC, "codec2"),
    "shorter": (CODEC, "code"),
    "capitals": (CODEC, "CODEC"),
    "space-before": (CODEC, " codec"),
    "space-behind": (CODEC, "codec "),
    "nul": (CODEC, "codec\0"),
    "beyond-255": ("c" * 256, "c" * 255 + "d"),
    "another-module": ("jobs.Codec", "reports.Codec"),
    "decomposed": (_COMPOSED, _DECOMPOSED),
    "composed": (_DECOMPOSED, _COMPOSED),
}
"""An installed id, and a similar one in the envelope."""


def similar(python: Python) -> Iterator[Vector]:
    """Yield envelopes of ids that are similar to the installed one."""
    for name, (installed, sent) in _SIMILAR.items():
        yield refuse(
            join("envelope", "similar-id", name),
            "Only a codec of a similar id is installed. A decoder that compares a part of the id, "
            "folds case, trims it or normalizes it runs code that was not meant for this codec.",
            hold("expression", "scalar", wrap(canary("scalar", python), sent)),
            # A released engine shows a NUL and a combining character of an id as escapes.
            demand("CHAIN-21", "which is not installed on this session"),
            receiver=Receiver(codecs=(installed,)),
            since=CHAINED,
        )


def alone(python: Python) -> Iterator[Vector]:
    """Yield envelopes whose codec would need what only the session around it has."""
    for artifact, inner in product(ARTIFACTS, (CODEC, "b")):
        yield refuse(
            join("envelope", "alone", artifact, "sibling" if inner == "b" else "itself"),
            f"The codec of the envelope gets an envelope of {inner!r}. It has no codecs of its "
            "own. A decoder that gives it those of the session runs the frame inside.",
            hold(artifact, "scalar", wrap(canary("scalar", python), CODEC, inner)),
            demand(
                "CHAIN-21",
                f"extension codec '{inner}'",
                *("which is not installed on this session", "no extension codecs are installed"),
            ),
            artifact=artifact,
            receiver=Receiver(codecs=(CODEC, "b")),
            since=CHAINED,
        )
    for artifact, family, size in product(ARTIFACTS, FAMILIES, (0, 6)):
        blob = wrap(canary(family, python).to_bytes()[:size], CODEC)
        yield refuse(
            join("envelope", "alone", artifact, family, f"cut-frame-{size}"),
            f"The codec of the envelope gets {size} bytes of a frame, and has no UDF of the "
            "call's name and kind. The session has one, and a decoder that resolves the call with "
            "it runs another function.",
            hold(artifact, family, blob),
            demand("CHAIN-30", NAME),
            artifact=artifact,
            receiver=Receiver(codecs=(CODEC,), registered=((family, NAME),)),
            since=CHAINED,
        )


def goldens(python: Python) -> Iterator[Vector]:
    """Yield envelopes as the golden store has them, on sessions without the codec."""
    for artifact, family in product(ARTIFACTS, FAMILIES):
        data = hold(artifact, family, wrap(canary(family, python), GOLDEN))
        yield refuse(
            join("golden", artifact, family),
            "The session lacks the codec with which the golden store was written.",
            data,
            demand("GOLDENCHAIN-02", GOLDEN),
            artifact=artifact,
            since=CHAINED,
        )
        yield refuse(
            join("golden", "registered", artifact, family),
            "The decoder lacks the codec, or does not know envelopes at all, and a UDF of the "
            "call's name and kind is registered.",
            data,
            demand("GOLDENCHAIN-03"),
            artifact=artifact,
            receiver=Receiver(registered=((family, NAME),)),
        )
