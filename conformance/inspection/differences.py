"""Compare two serialized expressions or plans: frames, envelopes, the protobuf around them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from os.path import commonprefix

from conformance import wire
from conformance.wire import Definition, Found, Opcode, Payload, read_schema, schema_lines

_SHOWN = 70
_BEFORE = 25


@dataclass(frozen=True)
class Difference:
    """A field that differs; ``minor`` if a Python patch release explains it.

    ``unread`` is true for bytes that nothing reads, such as what is behind the end of a pickle or
    a varint in a longer form.
    """

    field: str
    old: str
    new: str
    minor: bool = False
    unread: bool = False

    def __str__(self) -> str:
        return f"{self.field}: {self.old} became {self.new}"


def differences(old: bytes, new: bytes) -> Iterator[Difference]:
    """Yield the fields and opcodes of ``new`` that differ from ``old``; none for equal bytes.

    Only arguments of opcodes are ``minor``: they include bytecode and line tables. Raises
    ``WireError`` for bytes that cannot be read.
    """
    if old == new:
        return
    found = list(_found(old, new))
    if not found:
        outside = "bytes outside of all fields"
        found.append(Difference(outside, _digest(old), _digest(new), unread=True))
    yield from found


def _found(old: bytes, new: bytes) -> Iterator[Difference]:
    before, after = wire.find(old), wire.find(new)
    if len(before) != len(after):
        yield Difference("number of frames", str(len(before)), str(len(after)))
        return
    for number, (one, other) in enumerate(zip(before, after, strict=True), 1):
        for found in _in_frame(one, other):
            yield Difference(f"frame {number}, {found.field}", found.old, found.new, found.minor)
    yield from _in_envelopes(wire.find_envelopes(old), wire.find_envelopes(new))
    around = [_around(data) for data in (old, new)]
    if around[0] != around[1]:
        yield _differ("protobuf around the frames", around[0], around[1])


def _in_envelopes(old: list[Found], new: list[Found]) -> Iterator[Difference]:
    if len(old) != len(new):
        yield Difference("number of envelopes", str(len(old)), str(len(new)))
        return
    for number, (one, other) in enumerate(zip(old, new, strict=True), 1):
        before, after = one.envelope(any_version=True), other.envelope(any_version=True)
        yield from _in_fields(f"envelope {number}", before, after, ("version", "codec_id"))
        blobs = _around(before.blob), _around(after.blob)
        if blobs[0] != blobs[1]:
            yield _differ(f"envelope {number}, blob", *blobs)


def _around(data: bytes) -> bytes:
    """Return ``data`` without its frames and envelopes, or unchanged if it is no message."""
    try:
        found = wire.locate(data).found
    except wire.WireError:
        return data
    paths = {one.path for one in found}
    # Removing an envelope removes the frames in it.
    outer = [path for path in paths if not any(path[:n] in paths for n in range(len(path)))]
    return wire.replace(data, dict.fromkeys(outer, b""))


def _in_frame(old: Found, new: Found) -> Iterator[Difference]:
    one, other = old.frame(any_version=True), new.frame(any_version=True)
    yield from _in_fields("header", one, other, ("family", "wire_version", "python"))
    first, second = Payload.read(one.payload), Payload.read(other.payload)
    before, after = Definition.of(one.family, first), Definition.of(other.family, second)
    yield from _in_fields("tuple", before, after, ("name", "volatility"))
    for field in ("input_schema", "return_schema", "state_schema"):
        schemas = getattr(before, field), getattr(after, field)
        if schemas[0] != schemas[1]:
            shown = [_schema(schema) for schema in schemas]
            if shown[0] == shown[1]:
                shown = [_digest(schema or b"") for schema in schemas]
            yield Difference(f"tuple, {field}", shown[0], shown[1])
    if first.globals != second.globals:
        yield _differ("imports", first.globals, second.globals)
    texts = _spellings(first, one.payload), _spellings(second, other.payload)
    for index, (a, b) in enumerate(zip_longest(first.opcodes, second.opcodes)):
        if a is None or b is None or a.name != b.name:
            yield Difference(f"opcode {index}", _name(a), _name(b))
            return
        if (was := texts[0][index]) != (now := texts[1][index]):
            # Equal values may mean something else: -0.0 and 0.0, True and 1, NaNs.
            alike = repr(a.argument) == repr(b.argument)
            one_way, other_way = (was, now) if alike else (a.argument, b.argument)
            yield _differ(f"opcode {index} {a.name}", one_way, other_way, minor=True)


def _spellings(payload: Payload, data: bytes) -> list[bytes]:
    """Return the bytes of each opcode with its argument."""
    places = [*(opcode.position for opcode in payload.opcodes), payload.size]
    return [data[start:end] for start, end in pairwise(places)]


def _in_fields(
    where: str, old: object, new: object, fields: tuple[str, ...]
) -> Iterator[Difference]:
    for field in fields:
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield _differ(f"{where}, {field}", before, after)


def _name(opcode: Opcode | None) -> str:
    return opcode.name if opcode else "nothing"


def _schema(data: bytes | None) -> str:
    return "none" if data is None else "; ".join(schema_lines(read_schema(data)))


def _digest(data: bytes) -> str:
    return f"{len(data)} bytes of sha256 {hashlib.sha256(data).hexdigest()[:8]}"


def _differ(field: str, old: object, new: object, minor: bool = False) -> Difference:
    """Return the difference; long values are cut to start shortly before they diverge."""
    one, other = repr(old), repr(new)
    same = len(commonprefix((one, other)))  # noqa: RUF071 - these are no paths
    start = max(0, same - _BEFORE)
    return Difference(field, _short(one, start), _short(other, start), minor)


def _short(text: str, start: int) -> str:
    if len(text) > _SHOWN and start:
        text = f"...{text[start:]}"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
