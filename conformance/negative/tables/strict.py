"""Well-formed frames on a strict session."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from conformance.negative import pickles
from conformance.negative.artifacts import OUTER, PLACES, call, hold, nest
from conformance.negative.frames import KIND, NAME, Python, canary, frame, payload
from conformance.negative.rows import RECEIVERS, accept, refuse
from conformance.negative.vector import ARTIFACTS, FAMILIES, Family, Receiver, Vector, demand, join

_REASON = "inlining is disabled on this session"


def frames(python: Python) -> Iterator[Vector]:
    """Yield frames in the outermost call, with and without a registration of the UDF."""
    for artifact, family in product(ARTIFACTS, FAMILIES):
        plan = artifact != "expression"
        start, held = (
            artifact if plan else "",
            hold(artifact, family, canary(family, python).to_bytes()),
        )
        yield refuse(
            join("strict", start, family),
            "The session is strict. A decoder without this check runs the sender's code.",
            held,
            demand("STRICT-01", kind="Execution", of=not plan),
            demand("STRICT-02", f"UDF '{NAME}'", of=not plan),
            demand("STRICT-03", f"inline Python {KIND[family]}", of=not plan),
            demand("STRICT-04", _REASON, of=not plan),
            demand(
                "STRICT-05",
                *("re-encode with inlining disabled", "by name"),
                f"register '{NAME}' on this receiver",
            ),
            demand("STRICT-06", "enable inlining on this receiver", "risk"),
            demand("STRICT-07", unpickles=False),
            demand("PLAN-10", _REASON, of=plan),
            demand("PLAN-11", KIND[family], NAME, of=plan),
            demand("PLAN-12", _REASON, "by name", "register", "enable", "risk", of=plan),
            demand("PLAN-13", kind="Execution", of=plan),
            demand("PLAN-14", unpickles=False, of=plan),
            artifact=artifact,
            receiver=RECEIVERS["strict"],
        )
        yield refuse(
            join("strict", "registered", start, family),
            "A UDF of the frame's name and kind is registered. It does not replace the refusal: "
            "the sender meant another function.",
            held,
            demand("STRICT-11", of=not plan),
            demand("PLAN-15", _REASON, of=plan),
            artifact=artifact,
            receiver=Receiver(inlining=False, registered=((family, NAME),)),
        )
    for family in FAMILIES:
        content = payload(family, name=pickles.text("inside"))
        yield refuse(
            join("strict", "other-name", family),
            "The payload has another name than the call. A decoder that names the UDF by its "
            "payload has unpickled it.",
            hold("expression", family, frame(family, python, content).to_bytes()),
            demand("STRICT-02", f"UDF '{NAME}'"),
            receiver=RECEIVERS["strict"],
        )


def places(python: Python) -> Iterator[Vector]:
    """Yield frames inside other expressions; every call by name is registered."""
    outer: list[tuple[Family, str]] = [(family, OUTER) for family in FAMILIES]
    for place, around in PLACES.items():
        yield refuse(
            join("strict", "in", place),
            "The frame is inside another expression. A decoder that checks only the outermost call "
            "runs it.",
            around(call("scalar", canary("scalar", python).to_bytes())),
            demand("STRICT-09"),
            demand("STRICT-07", unpickles=False),
            receiver=Receiver(inlining=False, registered=(*outer, ("scalar", NAME))),
        )


_DEPTHS = (30, 45)
"""Casts around a frame. Decoders of protobuf stop at a hundred messages; a cast is two."""


def deep(python: Python) -> Iterator[Vector]:
    """Yield frames deep inside an expression, refused and accepted."""
    for depth in _DEPTHS:
        yield refuse(
            join("strict", "deep", depth),
            f"The frame is inside {depth} casts. A decoder that does not look as deep runs it.",
            nest(call("scalar", canary("scalar", python).to_bytes()), depth),
            demand("STRICT-09"),
            demand("STRICT-07", unpickles=False),
            receiver=RECEIVERS["strict"],
        )
        yield accept(
            join("valid", "deep", depth),
            f"A valid frame inside {depth} casts. A strict session refuses it.",
            nest(call("scalar", frame("scalar", python).to_bytes()), depth),
            "INLINE-17",
        )
