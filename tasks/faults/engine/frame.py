"""Faults in writing frames, most of them on both ends."""

from __future__ import annotations

import pickle

from datafusion import Expr, SessionContext

from conformance import wire
from conformance.subjects.engine import Engine
from conformance.wire import Envelope
from conformance.wire.region import splice
from tasks.faults.engine.faulty import IncludingPickle, PickleOnly
from tasks.faults.fault import breaks

LATER = slice(1, None)
WINDOW_CALL = 18
"""The field number of a window call in an expression."""


@breaks("FRAME-01")
class WrapsEveryFrame(IncludingPickle):
    """Wrap each frame in an envelope, although there are no codecs."""

    def send(self, frame: bytes) -> bytes:
        return Envelope("own", frame).to_bytes()

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            found = wire.find_envelopes(data)
        except wire.WireError:
            found = []
        bare = {one.path: one.envelope().blob for one in found}
        return super().from_bytes(wire.replace(data, bare) if bare else data, session)


@breaks("FRAME-01", "FRAME-02")
class SecondCallHasNoFrame(Engine):
    """Write one frame for all calls of UDFs with the same name."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        first: dict[tuple[bytes, str | None], wire.Found] = {}
        found = wire.find(data)
        for one in found:
            first.setdefault((one.data[:7], one.name), one)
        return wire.remove(data, [one.path for one in found if one not in first.values()])


@breaks(
    *("FRAME-01", "FRAME-02", "FRAME-08", "FRAME-11", "FRAME-13", "FRAME-15", "FRAME-17"),
    "FRAME-22",
)
class LastFrameIsWrittenTwice(Engine):
    """Write the field of the last frame twice; a reader takes the second."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        found = wire.find(data)
        if len(found) < 2:
            return data
        *around, region = found[-1].regions
        field = region.with_tag()
        return splice(data, [((*around, field), data[field.start : field.end] * 2)])


@breaks("FRAME-01")
class PicklesHaveOtherFrames(PickleOnly):
    """Append a byte to frames in pickles."""

    def send(self, frame: bytes) -> bytes:
        return frame + b"."


@breaks("FRAME-01")
class NumbersItsPayloads(Engine):
    """Append a running number to each frame that a given session writes."""

    number = 0

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        if session is None:
            return data
        self.number += 1
        return wire.replace(data, {f.path: f.data + b"%d" % self.number for f in wire.find(data)})


@breaks("FRAME-02", "FRAME-06", "FRAME-19")
class AnotherMagic(IncludingPickle):
    """Swap the magics of aggregates and windows; both ends do, so round trips pass."""

    pairs = ((b"DFPYUDA", b"DFPYUDW"), (b"DFPYUDW", b"DFPYUDA"))

    def swap(self, frame: bytes) -> bytes:
        return dict(self.pairs).get(frame[:7], frame[:7]) + frame[7:]

    send = receive = swap


@breaks("FRAME-02", "FRAME-19")
class WindowsAreScalars(IncludingPickle):
    """Write window frames with the magic of scalars, on both ends."""

    def send(self, frame: bytes) -> bytes:
        return frame.replace(b"DFPYUDW", b"DFPYUDF", 1)

    def receive_found(self, found: wire.Found) -> bytes:
        in_window = found.path[-2][0] == WINDOW_CALL
        return found.data.replace(b"DFPYUDF", b"DFPYUDW", 1) if in_window else found.data


@breaks("FRAME-02", "FRAME-06", "FRAME-17", "FRAME-22")
class AggregateOverAWindowIsAWindow(Engine):
    """Choose the magic by the call instead of the UDF, on both ends."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        return _exchange_magic(data, b"DFPYUDA", b"DFPYUDW")

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            data = _exchange_magic(data, b"DFPYUDW", b"DFPYUDA", members=6)
        except wire.WireError:
            return super().from_bytes(data, session)
        return super().from_bytes(data, session)


def _exchange_magic(data: bytes, old: bytes, new: bytes, members: int = 0) -> bytes:
    """Return ``data`` with the magic ``new`` for ``old`` in calls over windows."""
    return wire.replace(
        data,
        {
            found.path: new + found.data[7:]
            for found in wire.find(data)
            if found.path[-2][0] == WINDOW_CALL
            and found.data.startswith(old)
            and (not members or len(wire.Payload.read(found.data[10:]).items) == members)
        },
    )


@breaks(
    "FRAME-03", "FRAME-07", "FRAME-08", "FRAME-09", "FRAME-10", "FRAME-11", "FRAME-18", "FRAME-21"
)
class WireVersionTwo(IncludingPickle):
    """Write wire version 2; both ends agree, so that round trips pass."""

    def send(self, frame: bytes) -> bytes:
        return frame[:7] + b"\2" + frame[8:]

    def receive(self, frame: bytes) -> bytes:
        return frame[:7] + b"\1" + frame[8:] if frame[7:8] == b"\2" else frame


@breaks("FRAME-03", "FRAME-08", "FRAME-11")
class LaterFramesAreOfVersionTwo(WireVersionTwo):
    """Write wire version 2 in all frames but the first, on both ends."""

    selected = LATER


@breaks("FRAME-04", "FRAME-13", "FRAME-15")
class LaterFramesAreOfNoPython(IncludingPickle):
    """Write Python 0.0 in all frames but the first, on both ends."""

    selected = LATER
    own = b""

    def send(self, frame: bytes) -> bytes:
        self.own = frame[8:10]
        return frame[:8] + bytes(2) + frame[10:]

    def receive(self, frame: bytes) -> bytes:
        return frame[:8] + self.own + frame[10:] if len(frame) > 10 else frame


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


@breaks("FRAME-05", "FRAME-22")
class WindowsAreTwoPickles(IncludingPickle):
    """Append a second pickle to window frames."""

    def send(self, frame: bytes) -> bytes:
        return frame + pickle.dumps("1.0") if frame.startswith(b"DFPYUDW") else frame
