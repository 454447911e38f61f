"""The bytes of a file, cut where their meaning changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from conformance.inspection.udf import Values
from conformance.wire.hexview import ascii_column, layout

MAX_BYTES = 256
"""The maximum number of bytes of one span that are shown."""

MAX_SPANS = 20_000
"""The maximum number of spans of one file."""

_WIDTH = 16


@dataclass(frozen=True)
class Span:
    """Bytes with one meaning; ``kind`` is ``header``, ``payload``, ``envelope`` or ``around``.

    ``rows`` are offset, hex and ASCII of up to 16 bytes each; ``more`` bytes are not shown.
    ``anchor`` names the UDF or the envelope that begins here.
    """

    start: int
    size: int
    kind: str
    meaning: str
    rows: tuple[tuple[str, str, str], ...]
    more: int
    anchor: str = ""


Mark = tuple[str, str, str]
"""Kind, meaning and anchor of the bytes from an offset on."""


def spans(data: bytes, values: Values) -> Iterator[Span]:
    """Yield the spans of ``data`` in their order; together they are all of it.

    ``values`` is what ``inspect`` describes, with opcodes. What is in a text of a pickle has no
    place of its own. After ``MAX_SPANS`` the rest is one span.
    """
    marks = _marks(data, values)
    places = sorted(at for at in marks if at < len(data))
    rest = places[MAX_SPANS:]
    breaks = [*places[:MAX_SPANS], len(data)]
    for number, (start, end) in enumerate(pairwise(breaks), 1):
        kind, meaning, anchor = marks[start]
        if rest and number == len(breaks) - 1:
            kind, meaning, anchor = "around", f"the rest, with {len(rest)} more meanings", ""
        shown = data[start : min(end, start + MAX_BYTES)]
        more = end - start - len(shown)
        yield Span(start, end - start, kind, meaning, tuple(_rows(shown, start)), more, anchor)


def _marks(data: bytes, values: Values) -> Mapping[int, Mark]:
    """Return what begins at each offset; the innermost meaning counts."""
    container = values["container"] or "bytes of an unknown format"
    marks: dict[int, Mark] = {0: ("around", container, "")}
    # What is inside has a greater offset, or the same one and a smaller size: it comes last.
    placed = [
        *(("udf", one) for one in values["udfs"] if one["offset"] is not None),
        *(("envelope", one) for one in values["envelopes"] if one["offset"] is not None),
    ]
    placed.sort(key=lambda pair: (pair[1]["offset"], -pair[1]["size"]))
    for name, one in placed:
        at, number = one["offset"], one["number"]
        end = at + one["size"]
        around = _around(marks, end)
        if name == "udf":
            marks.update(_udf(data[at:end], one))
        else:
            marks.update(_envelope(data[at:end], one))
        kind, meaning, _ = marks[at]
        marks[at] = kind, meaning, f"{name}-{number}"
        marks.setdefault(end, around)
    return marks


def _around(marks: Mapping[int, Mark], end: int) -> Mark:
    """Return what goes on at ``end``, where something that was not marked yet ends."""
    kind, meaning, _ = marks[max(at for at in marks if at <= end)]
    return kind, meaning if meaning.endswith("goes on") else f"{meaning} goes on", ""


def _udf(frame: bytes, one: Values) -> Iterator[tuple[int, Mark]]:
    at = one["offset"]
    for name, first, end in layout(frame):
        value = frame[first:end]
        if name == "magic":
            yield at + first, ("header", f"magic of a {one['kind']}", "")
        elif name == "payload":
            yield at + first, ("payload", f"payload of {len(value)} bytes", "")
            for opcode in one.get("opcodes", ()):
                meaning = f"{opcode['name']} {opcode['argument']}".rstrip()
                yield at + first + opcode["position"], ("payload", meaning, "")
            if behind := one.get("bytes_after_stop"):
                yield at + len(frame) - behind, ("payload", "after STOP: nothing reads it", "")
        else:
            yield at + first, ("header", f"{name} {int.from_bytes(value, 'big')}", "")


def _envelope(data: bytes, one: Values) -> Iterator[tuple[int, Mark]]:
    values = {"envelope version": one.get("version"), "codec id": one.get("codec_id")}
    for name, first, _ in layout(data):
        shown = f" {values[name]!a}" if values.get(name) is not None else ""
        yield one["offset"] + first, ("envelope", f"{name}{shown}", "")


def _rows(data: bytes, start: int) -> Iterator[tuple[str, str, str]]:
    for at in range(0, len(data), _WIDTH):
        row = data[at : at + _WIDTH]
        yield f"{start + at:06x}", row.hex(" "), ascii_column(row)
