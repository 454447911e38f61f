"""Find frames in the protobuf of an expression or a plan by walking its fields.

This needs no schema: protobuf's unknown-field reader lists the fields of any
message, and a frame is a field whose bytes begin with a magic. Any other field
is walked, too, if its bytes parse as a message. A text that happens to parse
as one does no harm: the walk only looks for magics at the start of fields.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from conformance.wire.chain import Envelope
from conformance.wire.errors import MalformedProtobuf, WireError
from conformance.wire.fields import FieldBudget, TooManyFields, scan
from conformance.wire.frame import FAMILIES, MAGIC_SIZE, Frame
from conformance.wire.region import Region, no_prefix, varint

if TYPE_CHECKING:
    from collections.abc import Callable

Bytes: TypeAlias = "bytes | memoryview"
Path: TypeAlias = tuple[tuple[int, int], ...]
"""Steps inwards: each a field number and the index among the fields of that number.

Field number 0 does not exist in protobuf. Here it is a step into the blob of
an envelope, or into the n-th bytes object of a pickle.
"""

MAX_DEPTH = 100
"""The maximum depth of nested messages; DataFusion's decoder has the same limit."""

_MAGICS = frozenset((*FAMILIES, Envelope.MAGIC))
PREFIX = b"DFPY"
"""How every magic begins."""
LARGE = 2**20
"""The bytes of a message above which it can have more fields than the library should list."""

_NAMES: Mapping[int, tuple[int, ...]] = {3: (1,), 6: (1,), 7: (4,), 9: (10, 3), 10: (9, 3)}
"""The fields in which the engine writes the name, by that of ``fun_definition`` in the message.

A message may have its fields in any order, and other texts beside the name.
"""
_NAME_FIELDS = frozenset(number for several in _NAMES.values() for number in several)

_VARINT, _FIXED64, _LENGTH_DELIMITED, _GROUP, _FIXED32 = 0, 1, 2, 3, 5


@dataclass(frozen=True, slots=True)
class Found:
    """A frame or an envelope and its place in ``outer``, the outermost bytes.

    Only the magic is checked. ``regions`` end with its own. ``texts`` are texts of the same
    message by field number.
    """

    outer: bytes = field(repr=False)
    path: Path
    regions: tuple[Region, ...] = field(repr=False)
    texts: Mapping[int, str] = field(repr=False, compare=False)

    @property
    def name(self) -> str | None:
        """The text in the field of the call's name; of an unknown message, its first text."""
        number = next((number for number, _ in reversed(self.path) if number), 0)
        numbers = _NAMES.get(number, self.texts)
        return next((self.texts[one] for one in numbers if one in self.texts), None)

    @property
    def offset(self) -> int:
        """The first byte, in bytes from the start of the outermost bytes."""
        return self.regions[-1].start

    @property
    def size(self) -> int:
        """The number of bytes."""
        return self.regions[-1].end - self.regions[-1].start

    @property
    def data(self) -> bytes:
        """The bytes of the frame or of the envelope."""
        return self.outer[self.offset : self.offset + self.size]

    @property
    def is_envelope(self) -> bool:
        """True for a chain envelope, false for a UDF frame."""
        return self.outer.startswith(Envelope.MAGIC, self.offset)

    def frame(self, *, any_version: bool = False) -> Frame:
        """Parse the frame; raises what ``Frame.parse`` raises."""
        return Frame.parse(self.data, any_version=any_version)

    def envelope(self, *, any_version: bool = False) -> Envelope:
        """Parse the envelope; raises what ``Envelope.parse`` raises."""
        return Envelope.parse(self.data, any_version=any_version)


def has_magic(data: Bytes) -> bool:
    """Return whether ``data`` begins with the magic of a frame or of an envelope."""
    return bytes(data[:MAGIC_SIZE]) in _MAGICS


def walk(data: bytes) -> list[Found]:
    """List the frames and envelopes in a protobuf message, in the order of their bytes.

    An envelope comes before the frames in its blob. Frames are not walked.
    Raises ``MalformedProtobuf`` if ``data`` is not a message or nests deeper
    than ``MAX_DEPTH``.
    """
    found: list[Found] = []
    whole = _Walk(data, found)
    fields = list_fields(data, whole.budget)
    if fields is None:
        raise MalformedProtobuf(f"{len(data)} bytes do not parse as fields")
    whole.message(fields, 0, (), ())
    return found


def visit(data: bytes, regions: tuple[Region, ...], path: Path = ()) -> list[Found]:
    """List the frames and envelopes in the last of ``regions``, which may be anything.

    The list is empty if the bytes are neither a frame, an envelope nor a message.
    """
    found: list[Found] = []
    region = regions[-1]
    view = memoryview(data)[region.start : region.end]
    _Walk(data, found).content(view, regions, path, {})
    return found


class _Walk:
    """One walk: the outermost bytes and the frames found in them so far.

    The reader yields values without offsets, but in the order of the bytes. A
    cursor that steps over tags and lengths computes the offsets.
    """

    def __init__(self, data: bytes, found: list[Found]) -> None:
        self.data = data
        self.found = found
        self.budget = FieldBudget()

    def content(
        self, value: Bytes, regions: tuple[Region, ...], path: Path, texts: Mapping[int, str]
    ) -> None:
        """Walk the value of one field, if a magic can be in it."""
        if has_magic(value):
            self.found.append(Found(self.data, path, regions, texts))
            if self.found[-1].is_envelope:
                self.blob(value, regions, path, texts)
        elif PREFIX in bytes(value) and (fields := list_fields(value, self.budget)) is not None:
            self.message(fields, regions[-1].start, regions, path)

    def blob(
        self, value: Bytes, regions: tuple[Region, ...], path: Path, texts: Mapping[int, str]
    ) -> None:
        """Walk the blob of an envelope; skip a malformed envelope."""
        try:
            at = Envelope.find_blob(value)
        except WireError:
            return
        self.check(path)
        start = regions[-1].start + at
        region = Region(start, start, regions[-1].end, no_prefix)
        self.content(value[at:], (*regions, region), (*path, (0, 0)), texts)

    def message(
        self, fields: Iterable[Any], at: int, regions: tuple[Region, ...], path: Path
    ) -> int:
        """Walk the fields of a message at offset ``at``; return its end."""
        self.check(path)
        data = self.data
        seen: dict[int, int] = {}
        texts: dict[int, str] = {}
        for item in fields:
            number, wire_type = item.field_number, item.wire_type
            seen[number] = index = seen.get(number, -1) + 1
            tag, at = at, _after_varint(data, at)
            if wire_type == _LENGTH_DELIMITED:
                value: Bytes = item.data
                start = _after_varint(data, at)
                region = Region(at, start, start + len(value), varint, tag)
                at = region.end
                step = (*path, (number, index))
                self.content(value, (*regions, region), step, texts)
                if (not texts or number in _NAME_FIELDS) and (text := _text(value)):
                    texts.setdefault(number, text)
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


def _text(value: Bytes) -> str | None:
    """Return the bytes as a name, ``None`` if they are not printable text, or too long for one.

    A nested message has tags and lengths below 0x20, so it is not printable.
    """
    if len(value) > LARGE:
        return None
    try:
        text = bytes(value).decode()
    except UnicodeDecodeError:
        return None
    return text if text and text.isprintable() else None


def _after_varint(data: bytes, at: int) -> int:
    while data[at] & 0x80:
        at += 1
    return at + 1


def is_message(data: bytes) -> bool:
    """Return whether ``data`` parses as a message, of a large one as far as it is read."""
    if len(data) <= LARGE:
        return not data or list_fields(data, FieldBudget()) is not None
    try:
        return _is_whole(data, FieldBudget())
    except TooManyFields:
        return True


def _is_whole(data: Bytes, budget: FieldBudget) -> bool:
    """Return whether ``data`` parses as a message to its end; may raise ``TooManyFields``."""
    try:
        deque(scan(data, budget), maxlen=0)
    except TooManyFields:
        raise
    except MalformedProtobuf:
        return False
    return True


def list_fields(data: Bytes, budget: FieldBudget) -> Iterable[Any] | None:
    """List the fields of a message; ``None`` if the bytes are not a message.

    The library lists them. A large message can have more fields than the library lists in
    little memory: they come one by one, within ``budget``; raises ``TooManyFields``.
    """
    if len(data) > LARGE:
        return scan(data, budget) if _is_whole(data, budget) else None
    return None if _begins_with_field_0(data) else _reader()(bytes(data))


def _begins_with_field_0(data: Bytes) -> bool:
    """Return whether the first field has the number 0, which protobuf's reader lets pass."""
    return len(data) > 0 and data[0] < 0x08


@cache
def _reader() -> Callable[[bytes], Iterable[Any] | None]:
    """Import protobuf's unknown-field reader, for a message without fields.

    It is imported at first use: parsing a bare frame does not need protobuf.
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
