"""Engines that take what is no frame of a call's family, or is not whole."""

from __future__ import annotations

import os
import pickle
import re
from contextlib import suppress
from weakref import WeakSet

from datafusion import Expr, SessionContext, literal

from conformance import wire
from tasks.faults.engine.faulty import Faulty, IncludingPickle, PickleOnly
from tasks.faults.engine.frame_checks import PYTHON, WRONG
from tasks.faults.fault import breaks

CALLS = {b"DFPYUDF": 20, b"DFPYUDA": 19, b"DFPYUDW": 18}
"""The field of an expression that holds a call of the family."""
NOTHING_READS_IT = "LogicalExtensionCodec is not provided"


@breaks("FRAME-17", "FRAME-18", "FRAME-21", outcome="crash")
class CutHeaderAborts(IncludingPickle):
    def receive(self, frame: bytes) -> bytes:
        if len(frame) == 9:
            os.abort()
        return frame


@breaks("FRAME-17", "FRAME-18")
class CutHeaderIsAnIndexError(Faulty):
    def receive(self, frame: bytes) -> bytes:
        if len(frame) < 10:
            raise IndexError(f"{frame[len(frame)]}")
        return frame


@breaks("FRAME-17", "FRAME-18")
class CutHeaderIsByName(Faulty):
    """No Python, no frame."""

    def receive(self, frame: bytes) -> bytes:
        return b"" if len(frame) < 10 else frame


@breaks("FRAME-19")
class ReadsEveryFamily(IncludingPickle):
    """Unpickles a frame of another family, and finds out then."""

    def receive_found(self, found: wire.Found) -> bytes:
        magic, header = found.data[:7], found.data[7:10]
        if CALLS[magic] != found.path[-2][0] and header == b"\1" + PYTHON:
            with suppress(*WRONG):
                pickle.loads(found.data[10:])
        return found.data


@breaks("FRAME-19")
class WindowsMayBeAggregates(IncludingPickle):
    """Since aggregates may stand where windows do."""

    def receive_found(self, found: wire.Found) -> bytes:
        named_as_window = found.path[-2][0] == 18 and found.name in ("share", "running")
        magic = b"DFPYUDW" if named_as_window else found.data[:7]
        return magic + found.data[7:] if found.data.startswith(b"DFPYUDA") else found.data


@breaks("FRAME-19", "FRAME-20")
class MagicHasNoCase(IncludingPickle):
    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        upper = re.sub(rb"(?i)dfpyud[faw](?=\x01)", lambda found: found[0].upper(), data)
        return super().from_bytes(upper, session)


@breaks("FRAME-20")
class MagicHasSixBytes(Faulty):
    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        return super().from_bytes(data.replace(b"DFPYUDX", b"DFPYUDW"), session)


@breaks("FRAME-19", "FRAME-20")
class ReadsWhateverIsThere(Faulty):
    """And where nobody knows it, unpickles it."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if NOTHING_READS_IT in str(error) and (at := data.find(b"\x80\x04\x95")) > 0:
                pickle.loads(data[at:])
            raise


@breaks("FRAME-19", "FRAME-20")
class UnknownIsNull(IncludingPickle):
    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if NOTHING_READS_IT not in str(error):
                raise
            return literal(None)


# On strict sessions


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
    """It looks at the magic and at nothing else."""

    rewords = [
        (
            "(?s).*payload.*",
            'DataFusion error: Execution("Python UDF inlining is disabled on this session")',
        )
    ]


@breaks("FRAME-17", "FRAME-21")
class StrictHasOneMoreWord(RewordsWhenStrict):
    rewords = [("missing Python minor", "missing the Python minor")]


@breaks("FRAME-21")
class StrictHasItsOwnRemedy(RewordsWhenStrict):
    rewords = [("on sender and receiver", "of sender and receiver")]


# Payloads that are not whole, and no expressions at all


@breaks("FRAME-22")
class CutPayloadIsByName(Faulty):
    """Whatever cannot be unpickled may be registered."""

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
    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        empty = [f.path for f in self._select(data) if len(f.data) == 10]
        return super().from_bytes(wire.remove(data, empty) if empty else data, session)


@breaks("FRAME-22")
class LastByteIsNotMissed(Faulty):
    def receive(self, frame: bytes) -> bytes:
        return frame if len(frame) < 11 or frame.endswith(b".") else frame + b"."


@breaks("FRAME-22")
class CutPayloadIsAnEOFError(Faulty):
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
    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        return super().from_bytes(data, session) if data else literal(None)


@breaks("FRAME-23")
class EndOfAMessageIsIgnored(PickleOnly):
    """What does not read as a message is no expression, and no error."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            wire.find(data)
        except wire.WireError:
            return literal(None)
        return super().from_bytes(data, session)
