"""Worked examples: goldens, each byte of them with its meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from packaging.version import Version

from conformance.golden.manifest import Golden, Manifest
from conformance.wire import Definition, locate
from conformance.wire.definition import FIELDS
from conformance.wire.hexview import ascii_column, layout
from conformance.wire.pickles import Opcode, opcodes
from conformance.wire.protobuf import Found
from conformance.wire.text import printable
from tasks.cells.paths import MANIFEST
from tasks.site.text import escape, fenced

EXAMPLES: Mapping[str, str] = {
    "scalar/lambda": "A scalar UDF",
    "aggregate/class": "An aggregate UDF",
    "window/nulls": "A window UDF",
    "chain/expression-scalar": "A scalar UDF in an envelope",
}
"""The cases that are shown, with the titles of their sections."""

PYTHON = "3.12"
_WIDTH = 8
"""The number of bytes in a line."""

_LENGTH = 40
"""The maximum length of an argument in a note, in characters."""


def examples() -> str:
    """Return the page: a section for each family of frames, and one for the envelope."""
    return "\n".join(_lines(Manifest.read(MANIFEST))) + "\n"


def _lines(manifest: Manifest) -> Iterator[str]:
    yield from ("# Worked examples, byte by byte", "")
    yield "Each is a whole golden: bytes that a released engine wrote. First the frame or envelope"
    yield "is drawn as a row of boxes. Then a line has the offset, up to eight bytes and their"
    yield "meaning: of the protobuf around the frame, of the header, and of each opcode of the"
    yield "pickle. [The bytes](format.md) explains the layout. `94`, which ends many lines, is the"
    yield "opcode MEMOIZE. `dfpy-conformance inspect --opcodes FILE` shows the same of your bytes."
    for case, title in EXAMPLES.items():
        golden = newest(manifest, case)
        writer = manifest.writers[golden.writers[-1]]
        data = (MANIFEST.parent / golden.file).read_bytes()
        yield from ("", f"## {title}", "", escape(manifest.cases[case]["note"]), "")
        yield f"`{golden.file}`, {len(data)} bytes, written by datafusion {writer['engine']} with "
        yield f"cloudpickle {writer['cloudpickle']} on Python {writer['python']}:"
        yield from ("", fenced(drawing(locate(data).found[0].data), "text"))
        yield from ("", fenced(dump(data), "text"))


def newest(manifest: Manifest, case: str) -> Golden:
    """Return the golden of a case on ``PYTHON`` by the newest cloudpickle and engine."""

    def age(golden: Golden) -> tuple[Version, Version]:
        writers = [manifest.writers[key] for key in golden.writers]
        return max((Version(one["cloudpickle"]), Version(one["engine"])) for one in writers)

    found = [one for one in manifest.goldens if (one.case, one.python) == (case, PYTHON)]
    return max(found, key=age)


def drawing(data: bytes) -> str:
    """Return a frame or an envelope as a row of boxes: offsets, names, bytes."""
    offsets, names, values = [], [], []
    for name, first, end in layout(data):
        size = end - first
        value = data[first:end].hex(" ") if size <= _WIDTH else f"{size} bytes"
        width = max(len(name), len(value))
        offsets.append(f"{first:<{width + 3}}")
        names.append(f" {name:<{width}} ")
        values.append(f" {value:<{width}} ")
    lines = ["─" * len(name) for name in names]
    rows = [f"│{'│'.join(row)}│" for row in (names, values)]
    return "\n".join(
        ["".join(offsets).rstrip(), f"┌{'┬'.join(lines)}┐", *rows, f"└{'┴'.join(lines)}┘"]
    )


def dump(data: bytes) -> str:
    """Return the lines of an example: offset, bytes in hexadecimal, meaning.

    A line that continues the one above has its bytes as ASCII text instead of a meaning.
    """
    marks = notes(data)
    lines = []
    for first, last in pairwise(sorted({*marks, len(data)})):
        for at in range(first, last, _WIDTH):
            row = data[at : min(at + _WIDTH, last)]
            note = marks.get(at, f"  {ascii_column(row)}")
            lines.append(f"{at:5}  {row.hex(' '):<23}  {note}")
    return "\n".join(lines)


def notes(data: bytes) -> dict[int, str]:
    """Return the meaning of the bytes at each offset where one begins."""
    marks: dict[int, str] = {}
    for found in locate(data).found:
        marks |= _around(data, found)
        inner = layout(found.data)
        marks |= {found.offset + first: name for name, first, _ in inner}
        if not found.is_envelope:
            marks |= _pickle(found)
    return dict(sorted(marks.items()))


_CALLS = {18: "the call of a window UDF", 19: "the call of an aggregate UDF"}
_CALLS[20] = "the call of a scalar UDF"
"""The fields of the outermost message of an expression."""


def _around(data: bytes, found: Found) -> dict[int, str]:
    """Return the meaning of the fields of each message around a frame or an envelope."""
    marks = {}
    tagged = [region for region in found.regions if region.tag is not None]
    messages = [(0, len(data)), *((region.start, region.end) for region in tagged[:-1])]
    inner = {region.tag: region for region in tagged}
    for depth, (start, end) in enumerate(messages):
        for number, tag, content, behind in _fields(data, start, end):
            size = behind - content
            if tag not in inner:
                marks[tag] = f"field {number}, {size} bytes: {_shown(data[content:behind])}"
            elif inner[tag] is tagged[-1]:
                what = "the envelope" if data[content:].startswith(b"DFPYCHN") else "the frame"
                marks[tag] = f"field {number}, {size} bytes: {what}"
            else:
                call = _CALLS.get(number, "a message") if depth == 0 else "a message"
                marks[tag] = f"field {number}, {size} bytes: {call}"
    return marks


def _shown(content: bytes) -> str:
    """Return a short text as it is, and of a message that it is one."""
    return ascii(content.decode()) if content.isalnum() else "a message"


def _fields(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield the number of each field of a message, its tag, its content and the byte behind it."""
    at = start
    while at < end:
        tag, content = _varint(data, at)
        if tag & 7 == 2:
            size, content = _varint(data, content)
            behind = content + size
        else:
            behind = _varint(data, content)[1]
        yield tag >> 3, at, content, behind
        at = behind


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of protobuf, and the offset behind it."""
    value = 0
    for place, byte in enumerate(data[at:]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise ValueError(f"byte {at}: expected a number, found the end of the bytes")


def _pickle(found: Found) -> dict[int, str]:
    """Return the meaning of each opcode of a frame's pickle, with the member that it is."""
    frame = found.frame()
    begin = found.offset + found.size - len(frame.payload)
    listed = [one for one in opcodes(frame.payload) if one.name != "MEMOIZE"]
    marks = {begin + one.position: _opcode(one) for one in listed}
    definition = Definition.read(frame)
    values = {
        "name": definition.name,
        "input schema": definition.input_schema,
        "return schema": definition.return_schema,
        "state schema": definition.state_schema,
        "volatility": definition.volatility,
    }
    after = -1
    for member in FIELDS[frame.family]:
        for one in listed:
            if one.position > after and member in values and one.argument == values[member]:
                after = one.position
                marks[begin + after] = f"{_opcode(one)}: the {member}"
                break
    return marks


def _opcode(one: Opcode) -> str:
    if one.argument is None:
        return one.name
    if isinstance(one.argument, bytes):
        return f"{one.name} of {len(one.argument)} bytes"
    text = printable(repr(one.argument))
    return f"{one.name} {text if len(text) <= _LENGTH else text[:_LENGTH] + '...'}"
