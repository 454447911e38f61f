"""Engines whose slots keep or lose what stands in them."""

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
    """Slots in a place of their own, a thread each."""

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


@breaks("SLOT-10")
class FirstSessionStays(Engine):
    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        if self.get_slot(slot) is None:
            super().set_slot(slot, session)


@breaks("SLOT-11", "SLOT-14", "SLOT-16")
class SlotsGiveACopy(Engine):
    def get_slot(self, slot: Slot) -> SessionContext | None:
        session = super().get_slot(slot)
        if session is None:
            return None
        copied = SessionContext.__new__(SessionContext)
        copied.ctx = session.ctx
        return copied


@breaks("SLOT-12")
class SlotsAreStacks(OwnSlots):
    """Clearing brings back what stood there before."""

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.mine.setdefault(slot, []).append(session)

    def get_slot(self, slot: Slot) -> SessionContext | None:
        stack: list[SessionContext] = self.mine.get(slot, [])
        return stack[-1] if stack else None

    def clear_slot(self, slot: Slot) -> None:
        del self.mine.get(slot, [])[-1:]


@breaks("SLOT-08", "SLOT-09", "SLOT-12", "SLOT-17")
class ClearedWorkerSlotsStillDecode(OwnSlots):
    """A cleared slot says that it is empty."""

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
    """Where the other is empty."""

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        super().set_slot(slot, session)
        other: Slot = "worker" if slot == "sender" else "sender"
        if self.get_slot(other) is None:
            super().set_slot(other, session)


@breaks("SLOT-14")
class ClearingClearsBoth(Engine):
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
    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.mine[slot] = weakref.ref(session)

    def get_slot(self, slot: Slot) -> SessionContext | None:
        session: weakref.ref[SessionContext] | None = self.mine.get(slot)
        return None if session is None else session()


@breaks("SLOT-17", "SLOT-18")
class SlotsKeepForEver(Engine):
    def __init__(self) -> None:
        super().__init__()
        self.kept: list[SessionContext] = []

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.kept.append(session)
        super().set_slot(slot, session)


@breaks("SLOT-18")
class ThreadsKeepTheirSessions(Engine):
    """Until they clear the slot themselves."""

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
    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        other: Slot = "worker" if slot == "sender" else "sender"
        if self.get_slot(other) is session:
            super().clear_slot(other)
        super().set_slot(slot, session)
