"""Find frames in the protobuf of an expression or a plan by walking its fields.

This needs no schema: protobuf's unknown-field reader lists the fields of any
message, and a frame is a field whose bytes begin with a magic. Any other field
is walked, too, if its bytes parse as a message. A text that happens to parse
as one does no harm: the walk only looks for magics at the start of fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from conformance.wire.chain import Envelope
from conformance.wire.errors import MalformedProtobuf, WireError
from conformance.wire.fields import scan
from conformance.wire.frame import FAMILIES, MAGIC_SIZE, Frame
from conformance.wire.region import Region, no_prefix, varint

if TYPE_CHECKING:
    from collections.abc import Callable

Path: TypeAlias = tuple[tuple[int, int], ...]
"""Steps inwards: each a field number and the index among the fields of that number.

Field number 0 does not exist in protobuf. Here it is a step into the blob of
an envelope, or into the n-th bytes object of a pickle.
"""

MAX_DEPTH = 100
"""The maximum depth of nested messages; DataFusion's decoder has the same limit."""

_MAGICS = frozenset((*FAMILIES, Envelope.MAGIC))
# Tag, length and magic: a smaller message cannot hold a frame.
_SMALLEST = 2 + MAGIC_SIZE
_MANY = 2**20
"""Bytes from which a message can have more fields than the library can list in little memory."""

_VARINT, _FIXED64, _LENGTH_DELIMITED, _GROUP, _FIXED32 = 0, 1, 2, 3, 5


@dataclass(frozen=True)
class Found:
    """A frame or an envelope and its place.

    Only the magic of ``data`` is checked. ``offset`` is in bytes from the start
    of the outermost bytes. ``name`` is the text field before it in the same
    message, in which the engine writes the name of the UDF, or ``None``.
    """

    data: bytes
    path: Path
    offset: int
    name: str | None = None
    regions: tuple[Region, ...] = field(default=(), repr=False, compare=False)

    @property
    def is_envelope(self) -> bool:
        """True for a chain envelope, false for a UDF frame."""
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

    An envelope comes before the frames in its blob. Frames are not walked.
    Raises ``MalformedProtobuf`` if ``data`` is not a message or nests deeper
    than ``MAX_DEPTH``.
    """
    fields = _fields(data)
    if fields is None:
        raise MalformedProtobuf(f"{len(data)} bytes do not parse as fields")
    found: list[Found] = []
    _Walk(data, found).message(fields, 0, (), ())
    return found


def visit(data: bytes, regions: tuple[Region, ...], path: Path = ()) -> list[Found]:
    """List the frames and envelopes in the last of ``regions``, which may be anything.

    The list is empty if the bytes are neither a frame, an envelope nor a message.
    """
    found: list[Found] = []
    region = regions[-1]
    _Walk(data, found).content(data[region.start : region.end], regions, path, None)
    return found


class _Walk:
    """One walk: the outermost bytes and the frames found in them so far.

    The reader yields values without offsets, but in the order of the bytes. A
    cursor that steps over tags and lengths computes the offsets.
    """

    def __init__(self, data: bytes, found: list[Found]) -> None:
        self.data = data
        self.found = found

    def content(
        self, value: bytes, regions: tuple[Region, ...], path: Path, name: str | None
    ) -> None:
        """Walk the value of one field."""
        if has_magic(value):
            self.found.append(Found(value, path, regions[-1].start, name, regions))
            if value.startswith(Envelope.MAGIC):
                self.blob(value, regions, path, name)
        elif len(value) >= _SMALLEST and (fields := _fields(value)) is not None:
            self.message(fields, regions[-1].start, regions, path)

    def blob(self, value: bytes, regions: tuple[Region, ...], path: Path, name: str | None) -> None:
        """Walk the blob of an envelope; skip a malformed envelope."""
        try:
            envelope = Envelope.parse(value, any_version=True)
        except WireError:
            return
        self.check(path)
        start = regions[-1].start + len(value) - len(envelope.blob)
        region = Region(start, start, regions[-1].end, no_prefix)
        self.content(envelope.blob, (*regions, region), (*path, (0, 0)), name)

    def message(
        self, fields: Iterable[Any], at: int, regions: tuple[Region, ...], path: Path
    ) -> int:
        """Walk the fields of a message at offset ``at``; return its end."""
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
                # Protobuf's pure-Python reader accepts a last group without its end tag.
                at = _after_varint(data, at) if at < len(data) else at
        return at

    def check(self, path: Path) -> None:
        if len(path) > MAX_DEPTH:
            raise MalformedProtobuf(f"messages nest deeper than {MAX_DEPTH}")


def _text(value: bytes) -> str | None:
    """Return the bytes as a name, ``None`` if they are not printable text.

    A nested message has tags and lengths below 0x20, so it is not printable.
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


def is_message(data: bytes) -> bool:
    """Return whether ``data`` parses as a message, without listing its fields."""
    return not data or (not _begins_with_field_0(data) and _reader()(data, 0) is not None)


def _fields(data: bytes) -> Iterable[Any] | None:
    """List the fields of a message; ``None`` if the bytes are not a message."""
    return None if _begins_with_field_0(data) else _reader()(data, _MANY)


def _begins_with_field_0(data: bytes) -> bool:
    """Return whether the first field has the number 0, which protobuf's reader lets pass."""
    return data[:1] < b"\x08" and data != b""


@cache
def _reader() -> Callable[[bytes, int], Iterable[Any] | None]:
    """Import protobuf's unknown-field reader, for a message without fields.

    It is imported at first use: parsing a bare frame does not need protobuf.
    """
    from google.protobuf.empty_pb2 import Empty
    from google.protobuf.message import DecodeError
    from google.protobuf.unknown_fields import UnknownFieldSet

    def read(data: bytes, large: int) -> Iterable[Any] | None:
        try:
            message = Empty.FromString(data)
        except DecodeError:
            return None
        return scan(data) if len(data) > large else iter(UnknownFieldSet(message))

    return read
