"""A negative vector as a person reads it: its session, and its bytes with notes."""

from __future__ import annotations

from conformance.negative.vector import Vector
from conformance.wire import WireError, hexdump, locate
from conformance.wire.hexview import layout


def session_line(vector: Vector, python: str) -> str:
    """Return the session that gets the vector; ``python`` is the receiver's Python."""
    there = vector.receiver
    return "; ".join(
        (
            f"{'inlining' if there.inlining else 'strict'}, Python {python}",
            "codecs: " + (", ".join(map(repr, there.codecs)) or "none"),
            "registered: "
            + (", ".join(f"{one} {name!r}" for one, name in there.registered) or "none"),
        )
    )


def bytes_lines(data: bytes) -> str:
    """Return a hex dump with the fields of the headers of all frames and envelopes in ``data``."""
    try:
        found = locate(data).found
    except WireError:
        return hexdump(data)
    marks: dict[int, str] = {}
    for one in found:
        fields = layout(one.data)
        marks |= {one.offset + first: name for name, first, _ in fields}
        marks |= {one.offset + fields[-1][2]: "behind it"}
    return hexdump(data, marks)
