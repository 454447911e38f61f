"""Faults in reading truncated, misplaced and unknown frames."""

from __future__ import annotations

import os
import pickle
import re
from contextlib import suppress
from weakref import WeakSet

from datafusion import Expr, SessionContext, literal

from conformance import wire
from tasks.faults.engine.faulty import Faulty, IncludingPickle, PickleOnly
from tasks.faults.engine.frame_checks import PYTHON, UNPICKLE_ERRORS
from tasks.faults.fault import breaks

CALLS = {b"DFPYUDF": 20, b"DFPYUDA": 19, b"DFPYUDW": 18}
"""The field number of a call in an expression, by the magic of its family."""
NOTHING_READS_IT = "LogicalExtensionCodec is not provided"


@breaks("FRAME-17", "FRAME-18", "FRAME-21", outcome="crash")
class CutHeaderAborts(IncludingPickle):
    """Abort the process on a frame of nine bytes."""

    def receive(self, frame: bytes) -> bytes:
        if len(frame) == 9:
            os.abort()
        return frame


@breaks("FRAME-17", "FRAME-18")
class CutHeaderIsAnIndexError(Faulty):
    """Raise an IndexError for a frame with a truncated header."""

    def receive(self, frame: bytes) -> bytes:
        if len(frame) < 10:
            raise IndexError(f"{frame[len(frame)]}")
        return frame


@breaks("FRAME-17", "FRAME-18")
class CutHeaderIsByName(Faulty):
    """Resolve a call by name if its frame has a truncated header."""

    def receive(self, frame: bytes) -> bytes:
        return b"" if len(frame) < 10 else frame


@breaks("FRAME-19")
class ReadsEveryFamily(IncludingPickle):
    """Unpickle a frame of another family before it is refused."""

    def receive_found(self, found: wire.Found) -> bytes:
        magic, header = found.data[:7], found.data[7:10]
        if CALLS[magic] != found.path[-2][0] and header == b"\1" + PYTHON:
            with suppress(*UNPICKLE_ERRORS):
                pickle.loads(found.data[10:])
        return found.data


@breaks("FRAME-19")
class WindowsMayBeAggregates(IncludingPickle):
    """Accept an aggregate frame where a window frame belongs."""

    def receive_found(self, found: wire.Found) -> bytes:
        named_as_window = found.path[-2][0] == 18 and found.name in ("share", "running")
        magic = b"DFPYUDW" if named_as_window else found.data[:7]
        return magic + found.data[7:] if found.data.startswith(b"DFPYUDA") else found.data


@breaks("FRAME-19", "FRAME-20")
class MagicHasNoCase(IncludingPickle):
    """Accept magics in lower case."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        upper = re.sub(rb"(?i)dfpyud[faw](?=\x01)", lambda found: found[0].upper(), data)
        return super().from_bytes(upper, session)


@breaks("FRAME-20")
class MagicHasSixBytes(Faulty):
    """Compare only the first six bytes of a magic."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        return super().from_bytes(data.replace(b"DFPYUDX", b"DFPYUDW"), session)


@breaks("FRAME-19", "FRAME-20")
class ReadsWhateverIsThere(Faulty):
    """Unpickle the payload under a magic that nothing reads."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if NOTHING_READS_IT in str(error) and (at := data.find(b"\x80\x04\x95")) > 0:
                pickle.loads(data[at:])
            raise


@breaks("FRAME-19", "FRAME-20")
class UnknownIsNull(IncludingPickle):
    """Decode a frame with an unknown magic as null."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if NOTHING_READS_IT not in str(error):
                raise
            return literal(None)


# Strict sessions


class RewordsWhenStrict(IncludingPickle):
    """An engine that rewords the errors of strict sessions only."""

    def __init__(self) -> None:
        super().__init__()
        self.known: WeakSet[SessionContext] = WeakSet()
        self.strict = False

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        if not enabled:
            self.known.add(derived)
        return derived

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        self.strict = (session or self.get_slot("worker")) in self.known
        return super().from_bytes(data, session)

    def reword(self, message: str) -> str:
        return super().reword(message) if self.strict else message


@breaks(
    *("FRAME-08", "FRAME-09", "FRAME-10", "FRAME-13", "FRAME-14", "FRAME-16", "FRAME-17"),
    *("FRAME-18", "FRAME-21"),
)
class StrictRefusesFirst(RewordsWhenStrict):
    """Refuse frames on strict sessions before the header is checked."""

    rewords = [
        (
            "(?s).*payload.*",
            'DataFusion error: Execution("Python UDF inlining is disabled on this session")',
        )
    ]


@breaks("FRAME-17", "FRAME-21")
class StrictHasOneMoreWord(RewordsWhenStrict):
    """Word the error for a truncated header differently on strict sessions."""

    rewords = [("missing Python minor", "missing the Python minor")]


@breaks("FRAME-21")
class StrictHasItsOwnRemedy(RewordsWhenStrict):
    """Word the remedy differently on strict sessions."""

    rewords = [("on sender and receiver", "of sender and receiver")]


# Truncated payloads, and bytes that are no expression


@breaks("FRAME-22")
class CutPayloadIsByName(Faulty):
    """Resolve a call by name if its payload cannot be unpickled."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if re.search("wire-format|was serialized|Truncated|disabled", str(error)):
                raise
            found = self._select(data)
            return super().from_bytes(wire.remove(data, [f.path for f in found]), session)


@breaks("FRAME-22")
class NoPayloadIsByName(Faulty):
    """Resolve a call by name if its payload is empty."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        empty = [f.path for f in self._select(data) if len(f.data) == 10]
        return super().from_bytes(wire.remove(data, empty) if empty else data, session)


@breaks("FRAME-22")
class LastByteIsNotMissed(Faulty):
    """Accept a payload without its last byte."""

    def receive(self, frame: bytes) -> bytes:
        return frame if len(frame) < 11 or frame.endswith(b".") else frame + b"."


@breaks("FRAME-22")
class CutPayloadIsAnEOFError(Faulty):
    """Raise an EOFError for a truncated payload."""

    def receive(self, frame: bytes) -> bytes:
        if len(frame) > 10 and frame[7:10] == b"\1" + PYTHON:
            try:
                wire.Payload.read(frame[10:])
            except wire.MalformedPickle as error:
                raise EOFError(str(error)) from None
            except wire.WireError:
                pass
        return frame


@breaks("FRAME-23")
class NothingIsNull(Faulty):
    """Decode empty bytes as null."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        return super().from_bytes(data, session) if data else literal(None)


@breaks("FRAME-23")
class EndOfAMessageIsIgnored(PickleOnly):
    """Decode a pickle whose content is no protobuf message as null."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            wire.find(data)
        except wire.WireError:
            return literal(None)
        return super().from_bytes(data, session)
