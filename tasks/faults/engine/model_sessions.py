"""Faults of sessions, registrations and slots that only a sequence of steps shows."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from datafusion import SessionContext

from conformance.subjects.engine import Engine
from conformance.subjects.interface import Slot
from tasks.faults.engine.slots_kept import OwnSlots
from tasks.faults.fault import breaks


@breaks("MODEL-06")
class SlotsByTheNameOfTheThread(OwnSlots):
    """Store slots by the name of the thread: a new thread of that name gets them."""

    slots: dict[str, dict[str, Any]] = {}  # one for the process

    @property
    def mine(self) -> dict[str, Any]:
        return self.slots.setdefault(threading.current_thread().name, {})


@breaks("MODEL-06")
class ThirdOverwritingIsIgnored(Engine):
    """Keep the session in a slot that was set twice, whatever is set after."""

    def __init__(self) -> None:
        super().__init__()
        self.set: dict[str, int] = {}

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.set[slot] = 1 + self.set.get(slot, 0)
        if self.set[slot] <= 2:
            super().set_slot(slot, session)

    def clear_slot(self, slot: Slot) -> None:
        self.set[slot] = 0
        super().clear_slot(slot)


class _Toggles(Engine):
    """An engine that knows which sessions came from the toggle, and by how many calls."""

    def __init__(self) -> None:
        super().__init__()
        self.depth: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, self.form(session, enabled))
        self.depth[derived] = 1 + self.depth.get(session, 0)
        return derived

    def form(self, session: SessionContext, enabled: bool) -> bool:
        del session
        return enabled


@breaks("MODEL-01")
class ThirdToggleTurnsInliningOn(_Toggles):
    """Ignore the argument when a session that was toggled twice is toggled again."""

    def form(self, session: SessionContext, enabled: bool) -> bool:
        return enabled or self.depth.get(session, 0) >= 2


@breaks("MODEL-03")
class DeregisteringIsForAll(Engine):
    """Deregister a name on every session that registered a function under it."""

    def __init__(self) -> None:
        super().__init__()
        self.registered: list[tuple[SessionContext, str]] = []

    def register(self, session: SessionContext, function: Any) -> None:
        super().register(session, function)
        self.registered.append((session, function.name))

    def deregister(self, session: SessionContext, function: Any) -> None:
        super().deregister(session, function)
        for other, name in self.registered:
            if name == function.name:
                super().deregister(other, function)
