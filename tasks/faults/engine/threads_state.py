"""Engines that keep for one what is another's, for a moment."""

from __future__ import annotations

import threading
import time
from typing import Any

import pyarrow as pa
from datafusion import Expr, SessionContext, udf

from conformance.subjects.engine import Engine
from tasks.faults.engine.faulty import Faulty
from tasks.faults.engine.patched_expr import PatchedExpr, inlines, resolve_session
from tasks.faults.engine.threads import A_WHILE
from tasks.faults.fault import breaks


@breaks("THREAD-01", "THREAD-02", "THREAD-03", "THREAD-10")
class SlotsAreUsedUp(PatchedExpr):
    """A slot is empty once it was gone by."""

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
    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        buffer = vars(expr)
        buffer["written"] = super().to_bytes(expr, session)
        time.sleep(A_WHILE)
        data: bytes = buffer["written"]
        return data


@breaks("THREAD-09")
class SessionsReadFromOneBuffer(Engine):
    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if session is None:
            return super().from_bytes(data)
        buffer = vars(session)
        buffer["read"] = data
        time.sleep(A_WHILE)
        return super().from_bytes(buffer["read"], session)


@breaks("THREAD-08", "THREAD-12")
class StrictnessIsAFlagOfTheProcess(PatchedExpr):
    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        decider = resolve_session(session)
        self.enabled = inlines(decider)
        time.sleep(A_WHILE)
        return super().decode(data, decider.with_python_udf_inlining(enabled=self.enabled))


@breaks("THREAD-10")
class PicklesByTheLastSlot(PatchedExpr):
    def write_pickle(self, expr: Expr) -> bytes:
        self.sender = self.get_slot("sender")
        time.sleep(A_WHILE)
        return self.encode(expr, self.sender)


@breaks("THREAD-10")
class UnpicklesByTheLastSlot(PatchedExpr):
    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        if session is None:
            self.worker = resolve_session(None)
            time.sleep(A_WHILE)
            session = self.worker
        return super().decode(data, session)


@breaks("THREAD-14")
class DeregistersByAPlaceholder(Engine):
    """The identity answers for a moment."""

    def deregister(self, session: SessionContext, function: Any) -> None:
        int64 = pa.int64()
        if type(function).__name__ == "ScalarUDF":
            session.register_udf(udf(lambda a: a, [int64], int64, "volatile", function.name))
            time.sleep(A_WHILE)
        super().deregister(session, function)


@breaks("THREAD-14")
class MissesSayNothing(Faulty):
    rewords = [(r"(?s).*function times.*", "there is no such function")]


@breaks("THREAD-01", "THREAD-15")
class FirstUseTakesAWhile(Engine):
    """Who comes meanwhile finds nothing ready."""

    started = ready = False

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        if not self.started:
            self.started = True
            time.sleep(50 * A_WHILE)
            self.ready = True
        if not self.ready:
            raise RuntimeError('DataFusion error: Internal("the pickler is not there yet")')
        return super().to_bytes(expr, session)


@breaks("THREAD-16", outcome="hang")
class ReadsOneAtATime(PatchedExpr):
    """Whatever is in the closure of what is read waits for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        with self.lock:
            return super().decode(data, session)
