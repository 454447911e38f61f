"""Annotated hex dumps of bytes, and of the first difference between two byte strings."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from conformance.wire.chain import Envelope
from conformance.wire.errors import WireError
from conformance.wire.frame import MAGIC_SIZE, Frame
from conformance.wire.protobuf import has_magic

_WIDTH = 16


def hexdump(data: bytes, marks: Mapping[int, str] | None = None, *, start: int = 0) -> str:
    """Return a hex dump with lines of up to 16 bytes: offset, hex, ASCII, note.

    ``marks`` maps offsets in ``data`` to notes; a new line begins at each.
    ``start`` is the offset of the first byte. Without ``marks``, the notes are
    the fields of the header of a frame or an envelope.
    """
    if marks is None:
        marks = {first: name for name, first, _ in layout(data)}
    breaks = sorted({0, len(data), *(at for at in marks if 0 <= at < len(data))})
    lines = []
    for first, last in pairwise(breaks):
        for at in range(first, last, _WIDTH):
            row = data[at : min(at + _WIDTH, last)]
            note = marks.get(at, "")
            line = f"{start + at:08x}  {row.hex(' '):<47}  {ascii_column(row):<{_WIDTH}}  {note}"
            lines.append(line.rstrip())
    return "\n".join(lines)


def ascii_column(row: bytes) -> str:
    """Return bytes as ASCII, with a full stop for each that cannot be printed."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)


def layout(data: bytes) -> list[tuple[str, int, int]]:
    """List the fields of a frame or an envelope: name, first byte, byte after the last.

    A truncated frame has fewer fields. Other bytes have none.
    """
    if not has_magic(data):
        return []
    parts = list(Frame.HEADER)
    last = "payload"
    if data.startswith(Envelope.MAGIC):
        version, length, codec_id = Envelope.VERSION_AT, Envelope.LENGTH_AT, Envelope.ID_AT
        parts = [
            ("magic", 0, MAGIC_SIZE),
            ("envelope version", version, length),
            ("codec id length", length, codec_id),
        ]
        last = "blob"
        try:
            blob = Envelope.parse(data, any_version=True).blob
        except WireError:
            last = "codec id"
        else:
            parts.append(("codec id", codec_id, len(data) - len(blob)))
    parts.append((last, parts[-1][2], len(data)))
    return [(name, first, min(end, len(data))) for name, first, end in parts if first < len(data)]


def difference(expected: bytes, seen: bytes, *, context: int = 32) -> str:
    """Describe the first difference of two byte strings, with a hex dump of both.

    If both are frames or envelopes, the description names the field that
    differs. ``context`` is the number of bytes shown before and after. The
    result is empty for equal bytes.
    """
    if expected == seen:
        return ""
    at = next(
        (i for i, (a, b) in enumerate(zip(expected, seen, strict=False)) if a != b),
        min(len(expected), len(seen)),
    )
    lines = [f"first difference at byte {at} (0x{at:x}){_differing_part(expected, seen, at)}"]
    start = max(0, at - context) // _WIDTH * _WIDTH
    for name, data in (("expected", expected), ("seen", seen)):
        lines.append(f"{name}, {len(data)} bytes:")
        shown = data[start : at + context]
        note = "<- here" if at < len(data) else ""
        lines.append(hexdump(shown, {at - start: note}, start=start))
        if at >= len(data):
            lines.append(f"{len(data):08x}  ends here")
    return "\n".join(lines)


def _differing_part(expected: bytes, seen: bytes, at: int) -> str:
    if not has_magic(seen):
        return ""
    for name, first, end in layout(expected):
        if first <= at < end:
            return f", in the {name}"
    return ", after the end of the expected bytes" if has_magic(expected) else ""
