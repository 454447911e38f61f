"""Faults in which session encodes or decodes."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.patched_expr import PatchedExpr, find_frames, inlines, is_one
from tasks.faults.engine.slots_kept import OwnSlots
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


@breaks("SLOT-01")
class SenderSlotsHandleEncodes(Engine):
    """Encode by the sender slot's session if it is a handle of the session that is given."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        held = self.get_slot("sender")
        return super().to_bytes(expr, held if is_one(session, held) else session)


@breaks("SLOT-06")
class WorkerSlotsHandleDecodes(Engine):
    """Decode by the worker slot's session if it is a handle of the session that is given."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        held = self.get_slot("worker")
        return super().from_bytes(data, held if is_one(session, held) else session)


@breaks("SLOT-02", "SLOT-05", "SLOT-07", "SLOT-09")
class HandlesOfTheGlobalSessionInline(PatchedExpr):
    """Use the global session itself if a slot holds a strict handle of it."""

    def write_pickle(self, expr: Expr) -> bytes:
        return self.encode(expr, self._without_handle(self.get_slot("sender")))

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        worker = self._without_handle(self.get_slot("worker"))
        return super().decode(data, worker if session is None else session)

    def _without_handle(self, held: SessionContext | None) -> SessionContext | None:
        return self.global_session() if is_one(self.global_session(), held) else held


@breaks("SLOT-03")
class SenderSlotTurnsInliningOff(Engine):
    """Write strictly in to_bytes() without a session if the sender slot is set."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        chosen = _STRICT if session is None and self.get_slot("sender") else session
        return super().to_bytes(expr, chosen)


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


@breaks("SLOT-02", "SLOT-07", "SLOT-09", "SLOT-19")
class UnpicklesPastTheWorkerSlot(PatchedExpr):
    """Unpickle by the global session even if the worker slot is set."""

    def read_pickle(self, data: bytes) -> Expr:
        return self.decode(data, self.global_session())


@breaks(
    "SLOT-15", "SLOT-16", "SLOT-18", "SLOT-20", "THREAD-01", "THREAD-02", "THREAD-04", "THREAD-10"
)
class SlotsOfAllThreads(OwnSlots):
    """Share both slots between all threads."""

    slots: dict[str, Any] = {}  # one for the process

    @property
    def mine(self) -> dict[str, Any]:
        return self.slots


@breaks("SLOT-15", "SLOT-18", "SLOT-20")
class SlotsByTheNameOfTheThread(OwnSlots):
    """Store slots by thread name."""

    slots: dict[str, dict[str, Any]] = {}  # one for the process

    @property
    def mine(self) -> dict[str, Any]:
        return self.slots.setdefault(threading.current_thread().name, {})


@breaks("THREAD-01")
class SlotsOfSixteenThreads(OwnSlots):
    """Keep the slots of the sixteen threads that used theirs last."""

    slots: dict[int, dict[str, Any]] = {}  # one for the process

    @property
    def mine(self) -> dict[str, Any]:
        thread = threading.get_ident()
        self.slots[thread] = mine = self.slots.pop(thread, {})
        while len(self.slots) > 16:
            self.slots.pop(next(iter(self.slots)), None)
        return mine
