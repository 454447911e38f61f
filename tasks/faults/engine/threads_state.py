"""More faults in concurrent calls: state that threads or calls share."""

from __future__ import annotations

import threading
import time
from typing import Any

import pyarrow as pa
from datafusion import Expr, SessionContext, udf

from conformance.subjects.engine import Engine
from tasks.faults.engine.faulty import Faulty
from tasks.faults.engine.patched_expr import PatchedExpr, inlines, resolve_session
from tasks.faults.engine.threads import PAUSE_SECONDS
from tasks.faults.fault import breaks


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


@breaks("THREAD-06", "THREAD-12")
class ExpressionsWriteIntoOneBuffer(Engine):
    """Write the bytes of an expression into a buffer that threads share."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        buffer = vars(expr)
        buffer["written"] = super().to_bytes(expr, session)
        time.sleep(PAUSE_SECONDS)
        data: bytes = buffer["written"]
        return data


@breaks("THREAD-09")
class SessionsReadFromOneBuffer(Engine):
    """Read bytes from a buffer that all threads with the session share."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if session is None:
            return super().from_bytes(data)
        buffer = vars(session)
        buffer["read"] = data
        time.sleep(PAUSE_SECONDS)
        return super().from_bytes(buffer["read"], session)


@breaks("THREAD-08", "THREAD-12")
class StrictnessIsAFlagOfTheProcess(PatchedExpr):
    """Store whether a session inlines in a variable that threads share."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        decider = resolve_session(session)
        self.enabled = inlines(decider)
        time.sleep(PAUSE_SECONDS)
        return super().decode(data, decider.with_python_udf_inlining(enabled=self.enabled))


@breaks("THREAD-10")
class PicklesByTheLastSlot(PatchedExpr):
    """Pickle by the sender slot that any thread read last."""

    def write_pickle(self, expr: Expr) -> bytes:
        self.sender = self.get_slot("sender")
        time.sleep(PAUSE_SECONDS)
        return self.encode(expr, self.sender)


@breaks("THREAD-10")
class UnpicklesByTheLastSlot(PatchedExpr):
    """Unpickle by the session that any thread resolved last."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        if session is None:
            self.worker = resolve_session(None)
            time.sleep(PAUSE_SECONDS)
            session = self.worker
        return super().decode(data, session)


@breaks("THREAD-14")
class DeregistersByAPlaceholder(Engine):
    """Register the identity for a moment when a function is deregistered."""

    def deregister(self, session: SessionContext, function: Any) -> None:
        int64 = pa.int64()
        if type(function).__name__ == "ScalarUDF":
            session.register_udf(udf(lambda a: a, [int64], int64, "volatile", function.name))
            time.sleep(PAUSE_SECONDS)
        super().deregister(session, function)


@breaks("THREAD-14")
class MissesSayNothing(Faulty):
    """Omit the name from the error for a missing function."""

    rewords = [(r"(?s).*function times.*", "there is no such function")]


@breaks("THREAD-01", "THREAD-15")
class FirstUseTakesAWhile(Engine):
    """Raise an error in threads that encode while the first one initialises."""

    started = ready = False

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        if not self.started:
            self.started = True
            time.sleep(50 * PAUSE_SECONDS)
            self.ready = True
        if not self.ready:
            raise RuntimeError('DataFusion error: Internal("the pickler is not there yet")')
        return super().to_bytes(expr, session)


@breaks("THREAD-16", outcome="hang")
class ReadsOneAtATime(PatchedExpr):
    """Hold a lock while decoding, so that an expression in a closure deadlocks."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        with self.lock:
            return super().decode(data, session)
