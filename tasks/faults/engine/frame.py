"""Faults in writing frames, most of them on both ends."""

from __future__ import annotations

from datafusion import Expr, SessionContext, literal

from conformance import wire
from tasks.faults.engine.faulty import Faulty, IncludingPickle, PickleOnly
from tasks.faults.fault import breaks

LATER = slice(1, None)


@breaks("FRAME-05")
class PicklesHaveOtherFrames(PickleOnly):
    """Append a byte to frames in pickles."""

    def send(self, frame: bytes) -> bytes:
        return frame + b"."


_HEADER = (7, 8, 9, 10, 12, 13, 14, 17, 18, 21, 22)
"""The clauses of frames that are refused for their own fault, and not for their magic."""


@breaks("FRAME-02", "FRAME-06", "FRAME-19", *(f"FRAME-{number:02}" for number in _HEADER))
class AnotherMagic(IncludingPickle):
    """Swap the magics of aggregates and windows; both ends do, so round trips pass."""

    pairs = ((b"DFPYUDA", b"DFPYUDW"), (b"DFPYUDW", b"DFPYUDA"))

    def swap(self, frame: bytes) -> bytes:
        return dict(self.pairs).get(frame[:7], frame[:7]) + frame[7:]

    send = receive = swap


@breaks(
    "FRAME-03", "FRAME-07", "FRAME-08", "FRAME-09", "FRAME-10", "FRAME-11", "FRAME-18", "FRAME-21"
)
class WireVersionTwo(IncludingPickle):
    """Write wire version 2; both ends agree, so that round trips pass."""

    def send(self, frame: bytes) -> bytes:
        return frame[:7] + b"\2" + frame[8:]

    def receive(self, frame: bytes) -> bytes:
        return frame[:7] + b"\1" + frame[8:] if frame[7:8] == b"\2" else frame


@breaks("FRAME-03", "FRAME-07", "FRAME-08", "FRAME-11")
class LaterFramesAreOfVersionTwo(WireVersionTwo):
    """Write wire version 2 in all frames but the first, on both ends."""

    selected = LATER


@breaks("FRAME-04", "FRAME-13")
class MinorComesFirst(IncludingPickle):
    """Write the Python minor before the major, on both ends."""

    def swap(self, frame: bytes) -> bytes:
        return frame[:8] + frame[9:10] + frame[8:9] + frame[10:] if len(frame) > 10 else frame

    send = receive = swap


@breaks("FRAME-05", "FRAME-22")
class PayloadHasATail(IncludingPickle):
    """Append a null byte to all frames but the first."""

    selected = LATER

    def send(self, frame: bytes) -> bytes:
        return frame + b"\0"


# The wire version


@breaks("FRAME-07")
class VersionErrorIsOfPlanning(Faulty):
    """Raise a plan error for an unsupported wire version."""

    rewords = [(r"Execution\((?=.*wire-format version v)", "Plan(")]


@breaks("FRAME-07", "FRAME-17")
class VersionErrorIsOfPlanningInPickles(PickleOnly):
    """Raise a plan error for an unsupported or missing version in a pickle."""

    rewords = [(r"Execution\((?=.*wire-format)", "Plan(")]


# The sender's Python


@breaks("FRAME-12", "FRAME-16")
class PythonErrorIsInternal(Faulty):
    """Raise an internal error for another Python version."""

    rewords = [(r"Execution\((?=.*was serialized on Python)", "Internal(")]


@breaks("FRAME-13")
class OwnPythonIsNotNamed(Faulty):
    """Omit the receiver's Python version from the error."""

    rewords = [(r" but this process is running Python \d+\.\d+", "")]


# A truncated header


# The kind of UDF


@breaks("FRAME-24")
class UnknownMagicsAreExecutionErrors(Faulty):
    """Raise an execution error for an unknown magic."""

    rewords = [(r"NotImplemented\(", "Execution(")]


NOTHING_READS_IT = "LogicalExtensionCodec is not provided"


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


# Truncated payloads, and bytes that are no expression


@breaks("FRAME-22")
class LastByteIsNotMissed(Faulty):
    """Accept a payload without its last byte."""

    def receive(self, frame: bytes) -> bytes:
        return frame if len(frame) < 11 or frame.endswith(b".") else frame + b"."


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
