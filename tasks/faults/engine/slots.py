"""Faults in which session encodes or decodes."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.patched_expr import PatchedExpr, find_frames, inlines, patch_expr
from tasks.faults.fault import breaks

_STRICT = SessionContext().with_python_udf_inlining(enabled=False)


@breaks("SLOT-01")
class SenderSlotBeatsTheArgument(Engine):
    """Encode by the sender slot even if a session is given."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        chosen = session and (self.get_slot("sender") or session)
        return super().to_bytes(expr, chosen)


@breaks("SLOT-01", "SLOT-10", "SLOT-12", "SLOT-16", "SLOT-17", "SLOT-20")
class WorkerSlotBeatsTheArgument(Engine):
    """Encode by the worker slot even if a session is given."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        chosen = session and (self.get_slot("worker") or session)
        return super().to_bytes(expr, chosen)


@breaks("SLOT-01")
class StrictSenderSlotBeatsTheArgument(Engine):
    """Encode by a strict sender slot even if a session is given."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        sender = self.get_slot("sender")
        strict = session and sender and not inlines(sender)
        return super().to_bytes(expr, sender if strict else session)


@breaks(
    "SLOT-02",
    "SLOT-05",
    "SLOT-07",
    "SLOT-08",
    "SLOT-09",
    "SLOT-10",
    "SLOT-12",
    "SLOT-16",
    "SLOT-17",
    "SLOT-19",
    "SLOT-20",
)
class PicklesPastTheSenderSlot(PatchedExpr):
    """Ignore the sender slot when pickling."""

    def write_pickle(self, expr: Expr) -> bytes:
        return self.encode(expr, None)


@breaks("SLOT-02")
class OldProtocolsPickleByTheSenderSlotAlone(PatchedExpr):
    """Ignore the sender slot for pickle protocols below 2."""

    def __init__(self) -> None:
        super().__init__()

        def reduce_ex(expr: Expr, protocol: Any) -> Any:
            data = self.encode(expr, None) if protocol < 2 else self.write_pickle(expr)
            return Expr._reconstruct, (data,)

        patch_expr("__reduce_ex__", reduce_ex)


@breaks("SLOT-02")
class CopiesPastTheSenderSlot(PatchedExpr):
    """Ignore the sender slot in copy.copy()."""

    def __init__(self) -> None:
        super().__init__()
        patch_expr("__copy__", lambda expr: self.read_pickle(self.encode(expr, None)))


@breaks("SLOT-02")
class CopyIsTheSameExpression(PatchedExpr):
    """Return the expression itself from copy.copy()."""

    def __init__(self) -> None:
        super().__init__()
        patch_expr("__copy__", lambda expr: expr)


@breaks("SLOT-02")
class DeepCopiesPastTheSenderSlot(PatchedExpr):
    """Ignore the sender slot in copy.deepcopy()."""

    def __init__(self) -> None:
        super().__init__()
        patch_expr("__deepcopy__", lambda expr, _: self.read_pickle(self.encode(expr, None)))


@breaks("SLOT-03")
class SenderSlotTurnsInliningOff(Engine):
    """Write strictly in to_bytes() without a session if the sender slot is set."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        chosen = _STRICT if session is None and self.get_slot("sender") else session
        return super().to_bytes(expr, chosen)


@breaks("SLOT-04", "SLOT-05", "SLOT-07", "SLOT-08", "SLOT-09", "SLOT-12", "SLOT-15", "SLOT-19")
class DefaultIsStrict(PatchedExpr):
    """Pickle strictly if the sender slot is empty."""

    def write_pickle(self, expr: Expr) -> bytes:
        return self.encode(expr, self.get_slot("sender") or _STRICT)


@breaks("SLOT-03", "SLOT-05")
class WorkerSlotEncodes(PatchedExpr):
    """Encode by the worker slot if no session is given."""

    def encode(self, expr: Expr, session: SessionContext | None) -> bytes:
        return super().encode(expr, session or self.get_slot("worker"))


@breaks("SLOT-02", "SLOT-05")
class StrictWorkerSlotPickles(PatchedExpr):
    """Pickle by the worker slot if it is strict."""

    def write_pickle(self, expr: Expr) -> bytes:
        worker = self.get_slot("worker")
        strict = worker is not None and not inlines(worker)
        return self.encode(expr, worker) if strict else super().write_pickle(expr)


@breaks("SLOT-06")
class WorkerSlotDecodesFirst(Engine):
    """Decode by the worker slot even if a session is given."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        return super().from_bytes(data, self.get_slot("worker") or session)


@breaks("SLOT-06")
class WorkerSlotAdmitsFrames(Engine):
    """Decode frames on a given strict session if the worker slot inlines."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        worker = self.get_slot("worker")
        if session and worker and find_frames(data) and inlines(worker):
            session = worker
        return super().from_bytes(data, session)


@breaks("SLOT-06")
class WorkerSlotHelpsOut(Engine):
    """Resolve a name in the worker slot if the given session does not know it."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError:
            if session is not None and not find_frames(data):
                with suppress(RuntimeError):
                    return super().from_bytes(data)
            raise


@breaks("SLOT-07", "SLOT-09")
class GlobalSessionHelpsTheWorkerSlot(PatchedExpr):
    """Resolve a name in the global session if the worker slot does not know it."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        try:
            return super().decode(data, session)
        except RuntimeError:
            if session is None and not find_frames(data):
                with suppress(RuntimeError):
                    return super().decode(data, self.global_session())
            raise


@breaks("SLOT-02", "SLOT-07", "SLOT-09", "SLOT-19")
class NamesGoPastTheWorkerSlot(PatchedExpr):
    """Resolve names in the global session even if the worker slot is set."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        past = session is None and not find_frames(data)
        return super().decode(data, self.global_session() if past else session)


@breaks("SLOT-02", "SLOT-07", "SLOT-09", "SLOT-19")
class UnpicklesPastTheWorkerSlot(PatchedExpr):
    """Unpickle by the global session even if the worker slot is set."""

    def read_pickle(self, data: bytes) -> Expr:
        return self.decode(data, self.global_session())


@breaks("SLOT-08", "SLOT-09")
class FreshSessionInsteadOfTheGlobalOne(PatchedExpr):
    """Decode by a new session instead of the global one."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        return super().decode(data, session or self.get_slot("worker") or SessionContext())


@breaks("SLOT-02", "SLOT-09")
class SenderSlotDecodesFirst(PatchedExpr):
    """Decode by the sender slot if no session is given."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        return super().decode(data, session or self.get_slot("sender"))


@breaks("SLOT-09")
class SenderSlotDecodesBeforeTheGlobalSession(PatchedExpr):
    """Decode by the sender slot if the worker slot is empty."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        slot = self.get_slot("worker") or self.get_slot("sender")
        return super().decode(data, session or slot)
