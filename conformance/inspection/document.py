"""The description of one file as JSON values; ``schema.json`` beside this module defines them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from conformance.inspection.call_shapes import kind_around
from conformance.inspection.calls import CallSearch
from conformance.inspection.udf import Values, cut, describe, describe_error, names_of
from conformance.wire.errors import WireError
from conformance.wire.frame import Frame
from conformance.wire.locate import Container, locate
from conformance.wire.pickles import Opcode, bytes_objects, cut_frame, latin_texts, list_opcodes
from conformance.wire.protobuf import PREFIX, Found, visit
from conformance.wire.trace import trace
from conformance.wire.unread import Unread, find_unread

SCHEMA = "dfpy-conformance/inspect"
VERSION = 1

MAX_UDFS = 5_000
"""The maximum number of UDFs, and of envelopes, of one file that are described."""

_ENGINE = b"datafusion"
"""What is in a payload that holds an expression."""

MAX_INSIDE = 8
"""The maximum depth of UDFs inside the payloads of UDFs."""


def inspect(data: bytes, *, opcodes: bool = False) -> Values:
    """Describe the content of ``data``, as far as it can be read.

    ``error`` says why the bytes have no format that is known, or cannot be read to their end;
    ``unread`` lists the magics that are in the bytes but were not reached. Offsets are in bytes
    from the start of ``data``; they are ``None`` in a text, which the pickle has encoded.
    """
    reading = _Reading(opcodes)
    container = error = None
    own: Values = {}
    try:
        located = locate(data)
    except WireError as failed:
        error = describe_error(failed)
        reading.miss(find_unread(data, ()), 0)
    else:
        container = located.container.value
        reading.add(located.found, 0)
        unread = find_unread(data, located.found)
        if located.container is Container.PICKLE:
            found = trace(data)
            own = {"pickle": names_of(found)}
            if broken := found.error or cut_frame(found.opcodes, len(data)):
                error = describe_error(broken)
            unread = reading.pickle(data, found.opcodes, unread)
        elif located.container is Container.PROTOBUF:
            reading.calls.message(data, is_whole=True)
        reading.miss(unread, 0)
    values = {"size": len(data), "container": container, **reading.values(), **own}
    if error:
        values["error"] = error
    return values


@dataclass
class _Reading:
    """The content of one file, as far as it was read."""

    with_opcodes: bool
    udfs: list[Values] = field(default_factory=list)
    envelopes: list[Values] = field(default_factory=list)
    unread: list[Values] = field(default_factory=list)
    calls: CallSearch = field(default_factory=CallSearch)
    omitted: int = 0
    _described: dict[bytes, Values] = field(default_factory=dict)

    def add(self, found: Iterable[Found], base: int | None, inside: int | None = None) -> None:
        """Describe frames and envelopes; ``base`` is what to add to their offsets."""
        for one in found:
            entries = self.envelopes if one.is_envelope else self.udfs
            if len(entries) == MAX_UDFS:
                self.omitted += 1
                continue
            entry: Values = {
                "number": len(entries) + 1,
                "inside": inside,
                "path": [list(step) for step in one.path],
                "offset": None if base is None else base + one.offset,
                "size": one.size,
            }
            entries.append(entry)
            if (around := kind_around(one)) != "":
                entry["called_as"] = around
            if one.is_envelope:
                entry |= _envelope(one)
            else:
                entry["field_name"] = None if one.name is None else cut(one.name)
                self.frame(one.data, entry)

    def frame(self, data: bytes, entry: Values) -> None:
        """Describe a frame, and the frames in its payload."""
        digest = hashlib.sha256(data).digest()
        followed = None
        if digest not in self._described:
            self._described[digest], followed = describe(data, opcodes=self.with_opcodes)
        entry |= self._described[digest]
        payload = data[Frame.HEADER_SIZE :]
        if PREFIX not in payload and _ENGINE not in payload:
            return
        at = entry["offset"]
        base = None if at is None else at + Frame.HEADER_SIZE
        found: list[Found] = []
        if self.depth(entry) < MAX_INSIDE:
            for regions in bytes_objects(
                followed.opcodes if followed else list_opcodes(payload)[0]
            ):
                found += visit(payload, regions)
                self.calls.message(payload[regions[-1].start : regions[-1].end])
        del followed  # it holds a copy of the payload, and one of each payload inside
        self.miss(find_unread(payload, found), base, entry["number"])
        self.add(found, base, entry["number"])

    def depth(self, entry: Values) -> int:
        """Return how many UDFs are around one."""
        depth = 0
        while entry["inside"] is not None:
            entry = self.udfs[entry["inside"] - 1]
            depth += 1
        return depth

    def pickle(self, data: bytes, listed: Sequence[Opcode], unread: list[Unread]) -> list[Unread]:
        """Describe what is in the bytes and texts of a pickle; return what is still not reached.

        A text counts as read only if everything in it was reached.
        """
        for regions in bytes_objects(listed):
            self.calls.message(data[regions[-1].start : regions[-1].end])
        for start, end, text in latin_texts(listed):
            self.calls.message(text)
            here = [one for one in unread if start <= one.offset < end]
            if not here:
                continue
            try:
                found = locate(text).found
            except WireError:
                continue
            self.add(found, None)
            if not find_unread(text, found):
                unread = [one for one in unread if one not in here]
        return unread

    def miss(self, unread: Iterable[Unread], base: int | None, inside: int | None = None) -> None:
        """Record magics that were not reached."""
        for one in unread:
            offset = None if base is None else base + one.offset
            self.unread.append({"offset": offset, "magic": one.magic, "inside": inside})

    def values(self) -> Values:
        """Return the values that were read."""
        return {
            "udfs": self.udfs,
            "envelopes": self.envelopes,
            "calls_by_name": [
                {"kind": call.kind, "name": cut(call.name), "count": count}
                for call, count in self.calls.counts.items()
            ],
            "calls_complete": self.calls.is_complete,
            "unread": self.unread,
            "omitted": self.omitted,
            **({"foreign": [cut(one) for one in self.calls.foreign]} if self.calls.foreign else {}),
            **({"engine_since": self.calls.since} if self.calls.since else {}),
            **({"repeated": self.calls.repeated} if self.calls.repeated else {}),
            **({"bad_names": self.calls.bad_names} if self.calls.bad_names else {}),
        }


def _envelope(found: Found) -> Values:
    try:
        envelope = found.envelope(any_version=True)
    except WireError as error:
        return {"error": describe_error(error)}
    return {
        "version": envelope.version,
        "codec_id": cut(envelope.codec_id),
        "blob_size": len(envelope.blob),
    }
