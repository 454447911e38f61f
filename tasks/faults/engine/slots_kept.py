"""Faults in setting, reading and clearing slots."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from conformance.subjects.interface import Slot
from tasks.faults.engine.patched_expr import PatchedExpr
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


@breaks("SLOT-10", "SLOT-17")
class FirstSessionStays(Engine):
    """Ignore a session if its slot is already set."""

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        if self.get_slot(slot) is None:
            super().set_slot(slot, session)


@breaks("SLOT-21")
class RefusalsClearTheWorkerSlot(PatchedExpr):
    """Clear the worker slot when bytes are refused."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        try:
            return super().decode(data, session)
        except Exception:
            self.clear_slot("worker")
            raise


@breaks("SLOT-14")
class ClearingOneSlotClearsItsSession(Engine):
    """Clear the sender slot with the worker slot, if both hold the same session."""

    def clear_slot(self, slot: Slot) -> None:
        if self.get_slot("sender") is self.get_slot("worker"):
            super().clear_slot("sender")
        super().clear_slot(slot)


@breaks("SLOT-11", "SLOT-14", "SLOT-16")
class SlotsGiveACopy(Engine):
    """Return a copy of the session in a slot."""

    def get_slot(self, slot: Slot) -> SessionContext | None:
        session = super().get_slot(slot)
        if session is None:
            return None
        copied = SessionContext.__new__(SessionContext)
        copied.ctx = session.ctx
        return copied


@breaks("SLOT-12")
class SlotsAreStacks(OwnSlots):
    """Restore the session before when a slot is cleared."""

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.mine.setdefault(slot, []).append(session)

    def get_slot(self, slot: Slot) -> SessionContext | None:
        stack: list[SessionContext] = self.mine.get(slot, [])
        return stack[-1] if stack else None

    def clear_slot(self, slot: Slot) -> None:
        del self.mine.get(slot, [])[-1:]


@breaks("SLOT-08", "SLOT-09", "SLOT-12", "SLOT-17")
class ClearedWorkerSlotsStillDecode(OwnSlots):
    """Decode by the worker slot's session after the slot was cleared."""

    def get_slot(self, slot: Slot) -> SessionContext | None:
        return None if self.mine.get(f"{slot} is empty") else super().get_slot(slot)

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        super().set_slot(slot, session)
        self.mine[f"{slot} is empty"] = False

    def clear_slot(self, slot: Slot) -> None:
        self.mine[f"{slot} is empty"] = True

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        return super().decode(data, session or self.mine.get("worker"))


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


@breaks("SLOT-05", "SLOT-08", "SLOT-09", "SLOT-14", "SLOT-17")
class SettingSetsBoth(Engine):
    """Set both slots if the other one is empty."""

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        super().set_slot(slot, session)
        other: Slot = "worker" if slot == "sender" else "sender"
        if self.get_slot(other) is None:
            super().set_slot(other, session)


@breaks("SLOT-14")
class ClearingClearsBoth(Engine):
    """Clear both slots when one is cleared."""

    def clear_slot(self, slot: Slot) -> None:
        del slot
        super().clear_slot("sender")
        super().clear_slot("worker")


@breaks(
    "SLOT-02",
    "SLOT-05",
    "SLOT-07",
    "SLOT-08",
    "SLOT-09",
    "SLOT-10",
    "SLOT-12",
    "SLOT-17",
    "SLOT-20",
)
class SlotsAreWeak(OwnSlots):
    """Hold the session of a slot by a weak reference."""

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.mine[slot] = weakref.ref(session)

    def get_slot(self, slot: Slot) -> SessionContext | None:
        session: weakref.ref[SessionContext] | None = self.mine.get(slot)
        return None if session is None else session()


@breaks("SLOT-17")
class NewSessionsAreHeldWeakly(OwnSlots):
    """Hold a session by a weak reference, unless it was derived by the toggle."""

    def __init__(self) -> None:
        super().__init__()
        self.derived: weakref.WeakSet[SessionContext] = weakref.WeakSet()

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        self.derived.add(derived)
        return derived

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.mine[slot] = (lambda: session) if session in self.derived else weakref.ref(session)

    def get_slot(self, slot: Slot) -> SessionContext | None:
        held: SessionContext | None = self.mine.get(slot, lambda: None)()
        return held


@breaks("SLOT-17")
class SlotsLetGoOnceUsed(OwnSlots):
    """Hold the session of the worker slot by a weak reference once it has decoded."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        worker = self.get_slot("worker")
        if session is None and worker is not None:
            self.mine["worker"] = weakref.ref(worker)
        return super().decode(data, session or worker)

    def get_slot(self, slot: Slot) -> SessionContext | None:
        held = super().get_slot(slot)
        return held() if isinstance(held, weakref.ref) else held


@breaks("SLOT-17", "SLOT-18")
class SlotsKeepForEver(Engine):
    """Keep every session alive that was in a slot."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[SessionContext] = []

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.kept.append(session)
        super().set_slot(slot, session)


@breaks("SLOT-18")
class ThreadsKeepTheirSessions(Engine):
    """Keep a thread's sessions alive after it ended without clearing its slots."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[int, str], SessionContext] = {}

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.kept[threading.get_ident(), slot] = session
        super().set_slot(slot, session)

    def clear_slot(self, slot: Slot) -> None:
        self.kept.pop((threading.get_ident(), slot), None)
        super().clear_slot(slot)


@breaks("SLOT-19")
class OneSessionOneSlot(Engine):
    """Clear the other slot if it holds the same session."""

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        other: Slot = "worker" if slot == "sender" else "sender"
        if self.get_slot(other) is session:
            super().clear_slot(other)
        super().set_slot(slot, session)
