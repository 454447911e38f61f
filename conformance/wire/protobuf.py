"""Frames in the protobuf of an expression or a plan, found by walking its fields.

No schema of the messages is needed: protobuf's own unknown-field reader lists
the fields of any message, and a frame is a field whose bytes begin with a
magic. A field that is no frame is walked in turn if its bytes read as a
message; a text that happens to does no harm, since all that is looked for is
a magic at the start of a field.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from conformance.wire.chain import Envelope
from conformance.wire.errors import MalformedProtobuf, WireError
from conformance.wire.frame import FAMILIES, MAGIC_SIZE, Frame
from conformance.wire.region import Region, unwritten, varint

if TYPE_CHECKING:
    from collections.abc import Callable

Path: TypeAlias = tuple[tuple[int, int], ...]
"""Steps inwards, each a field number and which of the fields of that number, from 0.

Field number 0, which protobuf does not have, is a step into something else:
the blob of an envelope or the n-th bytes object of a pickle.
"""

MAX_DEPTH = 100
"""Messages inside messages; DataFusion's decoder stops at this depth too."""

_MAGICS = frozenset((*FAMILIES, Envelope.MAGIC))
# Tag, length and magic: no smaller message can hold a frame.
_SMALLEST = 2 + MAGIC_SIZE
_VARINT, _FIXED64, _LENGTH_DELIMITED, _GROUP, _FIXED32 = 0, 1, 2, 3, 5


@dataclass(frozen=True)
class Found:
    """A frame or an envelope and its place.

    ``data`` is the whole of it, unchecked beyond its magic; ``offset`` is in
    bytes from the start of the outermost bytes. ``name`` is the text field
    that precedes it in the same message: where the engine writes the
    UDF's name beside the frame. It is ``None`` where there is no such text.
    """

    data: bytes
    path: Path
    offset: int
    name: str | None = None
    regions: tuple[Region, ...] = field(default=(), repr=False, compare=False)

    @property
    def is_envelope(self) -> bool:
        """Return whether it is a chain envelope and not a UDF frame."""
        return self.data.startswith(Envelope.MAGIC)

    def frame(self, *, any_version: bool = False) -> Frame:
        """Parse the frame; raises what ``Frame.parse`` raises."""
        return Frame.parse(self.data, any_version=any_version)

    def envelope(self, *, any_version: bool = False) -> Envelope:
        """Parse the envelope; raises what ``Envelope.parse`` raises."""
        return Envelope.parse(self.data, any_version=any_version)


def has_magic(data: bytes) -> bool:
    """Return whether ``data`` begins with the magic of a frame or of an envelope."""
    return data[:MAGIC_SIZE] in _MAGICS


def walk(data: bytes) -> list[Found]:
    """List the frames and envelopes in a protobuf message, in the order of their bytes.

    An envelope comes before what its blob holds. Frames are not walked into.
    Raises ``MalformedProtobuf`` if ``data`` is no message or nests deeper than
    ``MAX_DEPTH``.
    """
    fields = _fields(data)
    if fields is None:
        raise MalformedProtobuf(f"{len(data)} bytes that do not read as fields")
    found: list[Found] = []
    _Walk(data, found).message(fields, 0, (), ())
    return found


def visit(data: bytes, regions: tuple[Region, ...], path: Path = ()) -> list[Found]:
    """Do as ``walk`` for what the last of ``regions`` holds, which may be anything.

    Where it is neither a frame, an envelope nor a message there is nothing in it.
    """
    found: list[Found] = []
    region = regions[-1]
    _Walk(data, found).content(data[region.start : region.end], regions, path, None)
    return found


class _Walk:
    """One walk: the outermost bytes and what was found in them so far.

    The reader hands out values, not offsets. It keeps the order of the bytes,
    though, so a cursor that steps over tags and lengths stays beside it.
    """

    def __init__(self, data: bytes, found: list[Found]) -> None:
        self.data = data
        self.found = found

    def content(
        self, value: bytes, regions: tuple[Region, ...], path: Path, name: str | None
    ) -> None:
        """Look into one field."""
        if has_magic(value):
            self.found.append(Found(value, path, regions[-1].start, name, regions))
            if value.startswith(Envelope.MAGIC):
                self.blob(value, regions, path, name)
        elif len(value) >= _SMALLEST and (fields := _fields(value)) is not None:
            self.message(fields, regions[-1].start, regions, path)

    def blob(self, value: bytes, regions: tuple[Region, ...], path: Path, name: str | None) -> None:
        """Look into an envelope; a malformed one has no inside."""
        try:
            envelope = Envelope.parse(value, any_version=True)
        except WireError:
            return
        self.check(path)
        start = regions[-1].start + len(value) - len(envelope.blob)
        region = Region(start, start, regions[-1].end, unwritten)
        self.content(envelope.blob, (*regions, region), (*path, (0, 0)), name)

    def message(
        self, fields: Iterable[Any], at: int, regions: tuple[Region, ...], path: Path
    ) -> int:
        """Look into the fields of a message at offset ``at``; returns its end."""
        self.check(path)
        data = self.data
        seen: dict[int, int] = {}
        name: str | None = None
        for item in fields:
            number, wire_type = item.field_number, item.wire_type
            seen[number] = index = seen.get(number, -1) + 1
            tag, at = at, _after_varint(data, at)
            if wire_type == _LENGTH_DELIMITED:
                value: bytes = item.data
                start = _after_varint(data, at)
                region = Region(at, start, start + len(value), varint, tag)
                at = region.end
                step = (*path, (number, index))
                self.content(value, (*regions, region), step, name)
                if name is None:
                    name = _text(value)
            elif wire_type == _VARINT:
                at = _after_varint(data, at)
            elif wire_type == _FIXED64:
                at += 8
            elif wire_type == _FIXED32:
                at += 4
            elif wire_type == _GROUP:
                at = self.message(item.data, at, regions, (*path, (number, index)))
                # Protobuf's pure-Python reader lets the last group go without its end.
                at = _after_varint(data, at) if at < len(data) else at
        return at

    def check(self, path: Path) -> None:
        if len(path) > MAX_DEPTH:
            raise MalformedProtobuf(f"messages nest deeper than {MAX_DEPTH}")


def _text(value: bytes) -> str | None:
    """Read a name, if that is what the bytes can be.

    A nested message has tags and lengths below 0x20, so it does not pass.
    """
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    return text if text and text.isprintable() else None


def _after_varint(data: bytes, at: int) -> int:
    while data[at] & 0x80:
        at += 1
    return at + 1


def _fields(data: bytes) -> Iterable[Any] | None:
    """List the fields of a message; ``None`` if the bytes are no message."""
    return _reader()(data)


@cache
def _reader() -> Callable[[bytes], Iterable[Any] | None]:
    """Import protobuf's unknown-field reader, over a message that knows no field.

    At first use only: who parses a bare frame does not need protobuf.
    """
    from google.protobuf.empty_pb2 import Empty
    from google.protobuf.message import DecodeError
    from google.protobuf.unknown_fields import UnknownFieldSet

    def read(data: bytes) -> Iterable[Any] | None:
        try:
            message = Empty.FromString(data)
        except DecodeError:
            return None
        return iter(UnknownFieldSet(message))

    return read
