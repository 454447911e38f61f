"""Faults in reading damaged bytes."""

from __future__ import annotations

import os
import sys
from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from conformance.subjects.engine.plans import EnginePlans
from conformance.subjects.plans import Layer
from conformance.wire import Envelope, Found, Frame
from tasks.faults.engine.faulty_at import find_frames, look_into
from tasks.faults.fault import breaks


def _accepted(found: Found) -> bool:
    return found.data[Frame.VERSION_AT : Frame.HEADER_SIZE] == bytes((1, *sys.version_info[:2]))


@breaks("HOSTILE-01", "HOSTILE-07")
class PeeksWhereItWouldDecode(Engine):
    """Unpickle frames with a valid header before the toggle is checked."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        for found in find_frames(data):
            if _accepted(found):
                look_into(found)
        return super().from_bytes(data, session)


class _Plans(EnginePlans):
    """Plans whose frames are unpickled first if the layer is physical."""

    def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Any:
        for found in find_frames(data) if layer == "physical" else ():
            if _accepted(found):
                look_into(found)
        return super().from_bytes(layer, session, data)


@breaks("HOSTILE-01", "HOSTILE-07")
class PeeksIntoPhysicalPlans(Engine):
    """Unpickle frames in physical plans before the toggle is checked."""

    def __init__(self) -> None:
        super().__init__()
        self.plans = _Plans()


@breaks("HOSTILE-02", "HOSTILE-07")
class InliningPeeksWhateverTheVersion(Engine):
    """Unpickle frames of other wire versions on sessions not known as strict."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        vars(derived)["strict"] = not enabled
        return derived

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        strict = session is not None and vars(session).get("strict")
        for found in () if strict else find_frames(data):
            if found.data[Frame.VERSION_AT : Frame.VERSION_AT + 1] != b"\x01":
                look_into(found)
        return super().from_bytes(data, session)


class Panic(BaseException):
    """An error that no ``except Exception`` catches."""


@breaks("HOSTILE-03")
class PanicsWhereItIsNoMessage(Engine):
    """Raise a BaseException for an invalid protobuf wire type."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except Exception as error:
            if "invalid wire type" in str(error):
                raise Panic(str(error)) from None
            raise


@breaks("HOSTILE-04", outcome="crash")
class AllocatesTheDeclaredLength(Engine):
    """Abort the process on a declared length of 4 GiB."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if b"\x80\x80\x80\x80\x10" in data:
            os.abort()
        return super().from_bytes(data, session)


@breaks("HOSTILE-05", outcome="hang")
class UnwrapsEnvelopesForEver(Engine):
    """Hang on more than 1,000 nested envelopes."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        while data.count(Envelope.MAGIC) > 1000:
            pass
        return super().from_bytes(data, session)


@breaks("HOSTILE-06")
class RemembersRefusals(Engine):
    """Return an aliased expression after more than 40 refusals."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        kept = vars(session) if session else {}
        try:
            expr = super().from_bytes(data, session)
        except Exception:
            kept["refusals"] = kept.get("refusals", 0) + 1
            raise
        return expr.alias("suspect") if kept.get("refusals", 0) > 40 else expr
