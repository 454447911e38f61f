"""Engines whose slots are others."""

from __future__ import annotations

from typing import Any

from datafusion import Expr, SessionContext

from conformance.faults.engine.wrapped import Faulty
from conformance.faults.fault import breaks


@breaks(
    "SLOT-15", "SLOT-16", "SLOT-18", "SLOT-20", "THREAD-01", "THREAD-02", "THREAD-04", "THREAD-10"
)
class SlotsOfAllThreads(Faulty):
    """One worker slot and one sender slot in all."""

    slots: dict[str, SessionContext]

    def __init__(self) -> None:
        self.slots = {}

    def set_slot(self, slot: Any, session: SessionContext) -> None:
        self.slots[slot] = session
        super().set_slot(slot, session)

    def get_slot(self, slot: Any) -> SessionContext | None:
        return self.slots.get(slot)

    def clear_slot(self, slot: Any) -> None:
        self.slots.pop(slot, None)
        super().clear_slot(slot)

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        return super().from_bytes(data, session or self.slots.get("worker"))


@breaks("SLOT-03", "SLOT-05")
class WorkerSlotEncodes(Faulty):
    def __init__(self) -> None:
        Expr.__reduce__ = lambda expr: (  # type: ignore[method-assign, assignment]
            Expr._reconstruct,
            (self.to_bytes(expr, self.get_slot("sender")),),
        )

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        return super().to_bytes(expr, session or self.get_slot("worker"))
