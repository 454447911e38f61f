"""Faults in concurrent calls."""

from __future__ import annotations

import time
from contextlib import nullcontext
from threading import RLock, get_ident
from typing import Any

from datafusion import Expr, SessionContext

from conformance import wire
from conformance.subjects.engine import Engine
from tasks.faults.engine.faulty_at import FaultyAt, inlining
from tasks.faults.engine.patched_expr import PatchedExpr
from tasks.faults.fault import breaks

PAUSE_SECONDS = 0.001
"""Seconds to sleep, so that other threads run in between."""


@breaks("THREAD-05", "THREAD-06", "THREAD-09", "THREAD-12", "THREAD-15", "THREAD-16")
class EncodesIntoOneBuffer(Engine):
    """Write all bytes into one buffer that threads share."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        self.buffer = super().to_bytes(expr, session)
        time.sleep(PAUSE_SECONDS)
        return self.buffer


@breaks("THREAD-07", "THREAD-08", "THREAD-12")
class DecodesByTheLastSession(Engine):
    """Decode by the session that any thread passed last."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if session is None:
            return super().from_bytes(data)
        self.session_given = session
        time.sleep(PAUSE_SECONDS)
        return super().from_bytes(data, self.session_given)


@breaks("THREAD-08")
class StrictnessStaysInItsThread(FaultyAt):
    """Refuse frames only in the thread that derived the session."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived: Any = super().with_inlining(session, enabled)
        derived.thread = get_ident()
        strict: SessionContext = derived
        return strict

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        here = getattr(session, "thread", get_ident()) == get_ident()
        return super().read(artifact, data, session if here else inlining(session))


@breaks("THREAD-17")
class DecodesByTheInnerSession(Engine):
    """Decode by the session of the decode that began last, also where it began within this one."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        self.decoding = session
        expr = super().from_bytes(data, session)
        return expr if self.decoding is session else super().from_bytes(data, self.decoding)


@breaks("THREAD-17", outcome="hang")
class UnpicklesOneAfterAnother(Engine):
    """Hold a lock while code of a frame runs, so that its threads wait for it and it for them."""

    running = RLock()

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        with self.running if wire.find(data) else nullcontext():
            return super().from_bytes(data, session)


@breaks("THREAD-18")
class EncodesByTheInnerSession(Engine):
    """Encode by the session of the encode that began last, also where it began within this one."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        self.encoding = session
        data = super().to_bytes(expr, session)
        return data if self.encoding is session else super().to_bytes(expr, self.encoding)


@breaks("THREAD-07", "THREAD-11", "THREAD-12")
class TogglesIntoOnePlace(Engine):
    """Return the session that any thread derived last."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        self.derived = super().with_inlining(session, enabled)
        time.sleep(PAUSE_SECONDS)
        return self.derived


@breaks("THREAD-13")
class RegistersInTwoSteps(Engine):
    """Deregister a function before it is registered, so that it is missing for a moment."""

    def register(self, session: SessionContext, function: Any) -> None:
        super().deregister(session, function)
        time.sleep(PAUSE_SECONDS)
        super().register(session, function)


@breaks("THREAD-01", "THREAD-02", "THREAD-03", "THREAD-10")
class SlotsAreUsedUp(PatchedExpr):
    """Clear a slot once it was used."""

    def write_pickle(self, expr: Expr) -> bytes:
        data = super().write_pickle(expr)
        self.clear_slot("sender")
        return data

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        try:
            return super().decode(data, session)
        finally:
            if session is None:
                self.clear_slot("worker")
