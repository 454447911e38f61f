"""Faults in setting, reading and clearing slots."""

from __future__ import annotations

import pickle
import threading
from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from conformance.subjects.interface import Slot
from tasks.faults.engine.faulty_at import AtLogical, AtPhysical, find_frames
from tasks.faults.engine.patched_expr import PatchedExpr, inlines, is_one
from tasks.faults.fault import breaks


class OwnSlots(PatchedExpr):
    """An engine with thread-local slots of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.local = threading.local()

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        return super().decode(data, session or self.get_slot("worker") or self.global_session())

    @property
    def mine(self) -> dict[str, Any]:
        return self.local.__dict__

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.mine[slot] = session

    def get_slot(self, slot: Slot) -> SessionContext | None:
        return self.mine.get(slot)

    def clear_slot(self, slot: Slot) -> None:
        self.mine.pop(slot, None)


def _put_back(engine: Engine, slot: Slot, before: Any) -> None:
    """Set a slot to the session that it had before, or clear it if it had none."""
    if before is None:
        engine.clear_slot(slot)
    else:
        engine.set_slot(slot, before)


@breaks("SLOT-21")
class RefusalsClearTheWorkerSlot(PatchedExpr):
    """Clear the worker slot when bytes are refused."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        try:
            return super().decode(data, session)
        except Exception:
            self.clear_slot("worker")
            raise


@breaks("SLOT-21")
class ErrorsOfPicklesClearTheSenderSlot(PatchedExpr):
    """Clear the sender slot while pickling, and leave it so where that raises an error."""

    def write_pickle(self, expr: Expr) -> bytes:
        session = self.get_slot("sender")
        self.clear_slot("sender")
        data = self.pickled(expr, session)
        if session is not None:
            self.set_slot("sender", session)
        return data

    def pickled(self, expr: Expr, session: SessionContext | None) -> bytes:
        return self.encode(expr, session)


@breaks("SLOT-21")
class FailedPicklesClearTheSenderSlot(ErrorsOfPicklesClearTheSenderSlot):
    """Clear the sender slot while pickling, and leave it so where a UDF cannot be pickled."""

    def pickled(self, expr: Expr, session: SessionContext | None) -> bytes:
        data = super().pickled(expr, session)
        if not find_frames(data):
            raise pickle.PicklingError
        return data


@breaks("SLOT-21")
class RefusingThreadsKeepTheSession(PatchedExpr):
    """Put the session of a decode into an empty worker slot of a thread, until it succeeds."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        main = threading.current_thread() is threading.main_thread()
        if main or session is None or self.get_slot("worker") is not None:
            return super().decode(data, session)
        self.set_slot("worker", session)
        expr = super().decode(data, session)
        self.clear_slot("worker")
        return expr


@breaks("SLOT-02")
class PicklesAreKept(PatchedExpr):
    """Write the bytes of the first pickle of an expression in all its pickles."""

    def write_pickle(self, expr: Expr) -> bytes:
        if "kept" not in vars(expr):
            vars(expr)["kept"] = super().write_pickle(expr)
        data: bytes = vars(expr)["kept"]
        return data


@breaks("SLOT-21")
class RefusedPlansStayInTheWorkerSlot(AtLogical):
    """Put the session of a plan into the worker slot, and leave it where the plan is refused."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if artifact not in self.artifacts:
            return super().read(artifact, data, session)
        before = self.get_slot("worker")
        self.set_slot("worker", session)
        plan = super().read(artifact, data, session)
        _put_back(self, "worker", before)
        return plan


@breaks("SLOT-21")
class FailedEncodesFillTheSenderSlot(PatchedExpr):
    """Put the session of an encode into the sender slot for closures, and leave it on errors."""

    def encode(self, expr: Expr, session: SessionContext | None) -> bytes:
        before = self.get_slot("sender")
        if session is None or session is before:
            return super().encode(expr, session)
        self.set_slot("sender", session)
        data = super().encode(expr, session)
        if inlines(session) and not find_frames(data):
            raise pickle.PicklingError
        _put_back(self, "sender", before)
        return data


@breaks("SLOT-21")
class FailedPlansStayInTheSenderSlot(AtPhysical):
    """Put the session of a physical plan into the sender slot, and leave it on errors."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        before = self.get_slot("sender")
        if artifact not in self.artifacts or session is None:
            return super().write(artifact, value, session)
        self.set_slot("sender", session)
        data = super().write(artifact, value, session)
        _put_back(self, "sender", before)
        return data


@breaks("SLOT-10")
class SlotsKeepTheHandleOfASession(Engine):
    """Leave a slot as it is if it holds a handle of the session that is set."""

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        held = self.get_slot(slot)
        if held is None or held.session_id() != session.session_id():
            super().set_slot(slot, session)


@breaks("SLOT-14")
class ClearingOneSlotClearsItsSession(Engine):
    """Clear the sender slot with the worker slot, if both hold the same session."""

    def clear_slot(self, slot: Slot) -> None:
        if self.get_slot("sender") is self.get_slot("worker"):
            super().clear_slot("sender")
        super().clear_slot(slot)


@breaks("SLOT-14")
class ClearingOneHandleClearsTheOther(Engine):
    """Clear both slots, if they hold two handles of one session."""

    def clear_slot(self, slot: Slot) -> None:
        sender, worker = self.get_slot("sender"), self.get_slot("worker")
        if sender is not worker and is_one(sender, worker):
            super().clear_slot("sender")
            super().clear_slot("worker")
        super().clear_slot(slot)


@breaks("SLOT-13")
class ClearingTwiceIsAnError(Engine):
    """Raise an error when an empty slot is cleared twice."""

    def __init__(self) -> None:
        super().__init__()
        self.empty: list[Slot] = []

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.empty.clear()
        super().set_slot(slot, session)

    def clear_slot(self, slot: Slot) -> None:
        if slot in self.empty:
            self.empty.remove(slot)
            raise ValueError(f"the {slot} slot is empty")
        if self.get_slot(slot) is None:
            self.empty.append(slot)
        super().clear_slot(slot)


@breaks("SLOT-12")
class SlotsCountTheirSession(Engine):
    """Clear a slot only as often as its session was set."""

    def __init__(self) -> None:
        super().__init__()
        self.again = {"sender": 0, "worker": 0}

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.again[slot] = self.again[slot] + 1 if self.get_slot(slot) is session else 0
        super().set_slot(slot, session)

    def clear_slot(self, slot: Slot) -> None:
        if self.again[slot]:
            self.again[slot] -= 1
        else:
            super().clear_slot(slot)


@breaks("SLOT-17")
class OverwrittenSessionsAreKept(Engine):
    """Keep a session that another one overwrites in a slot."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[SessionContext | None] = []

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.kept.append(self.get_slot(slot))
        super().set_slot(slot, session)
