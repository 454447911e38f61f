"""Payloads with a wrong schema."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.negative import pickles
from conformance.negative.artifacts import hold
from conformance.negative.frames import Python, frame, payload
from conformance.negative.rows import refuse
from conformance.negative.schemas import (
    CUT,
    GARBAGE,
    INPUTS,
    NO_FIELD,
    RETURNS,
    STATE,
    TWO_FIELDS,
    with_batch,
)
from conformance.negative.vector import FAMILIES, Demand, Family, Vector, demand, join

_STREAMS = {"inputs": INPUTS, "returns": RETURNS, "state": STATE}

_UNREADABLE = {
    "text": pickles.text("text"),
    "none": pickles.NONE,
    "number": pickles.number(7),
    "empty": pickles.data(b""),
    "garbage": pickles.data(GARBAGE),
    "cut": pickles.data(CUT),
}


def schemas(python: Python) -> Iterator[Vector]:
    """Yield schemas that cannot be read, that hold a batch, or that have the wrong fields."""

    def row(
        name: str, family: Family, member: str, value: pickles.Opcodes, demands: tuple[Demand, ...]
    ) -> Vector:
        content = payload(family, **{member: value})
        return refuse(
            join("schema", member, name, family),
            f"The schema {member!r} of the payload is wrong: {name}.",
            hold("expression", family, frame(family, python, content).to_bytes()),
            demands,
        )

    for family in FAMILIES:
        for member, stream in _STREAMS.items():
            if member == "state" and family != "aggregate":
                continue
            for name, value in _UNREADABLE.items():
                if family == "scalar" or member == "state" or name == "cut":
                    yield row(name, family, member, value, demand("PAYLOAD-29", kind="Execution"))
            batch = pickles.data(with_batch(stream))
            yield row("batch", family, member, batch, demand("PAYLOAD-28"))
        none, two = pickles.data(NO_FIELD), pickles.data(TWO_FIELDS)
        yield row("no-field", family, "returns", none, demand("PAYLOAD-24", kind="Execution"))
        yield row("two-fields", family, "returns", two, demand("PAYLOAD-25"))
