"""Faults in which a thread uses the slots of another."""

from __future__ import annotations

import threading
from typing import Any
from unittest import mock

from datafusion import SessionContext

from conformance.subjects.engine import Engine
from conformance.subjects.interface import Slot
from tasks.faults.engine.slots_kept import OwnSlots
from tasks.faults.fault import breaks


@breaks(
    "SLOT-15", "SLOT-16", "SLOT-18", "SLOT-20", "THREAD-01", "THREAD-02", "THREAD-04", "THREAD-10"
)
class SlotsOfAllThreads(OwnSlots):
    """Share both slots between all threads."""

    slots: dict[str, Any] = {}  # one for the process

    @property
    def mine(self) -> dict[str, Any]:
        return self.slots


@breaks("SLOT-15", "SLOT-18")
class SlotsByTheNumberOfTheThread(OwnSlots):
    """Store slots by thread number, which a later thread may get again."""

    slots: dict[int, dict[str, Any]] = {}  # one for the process

    @property
    def mine(self) -> dict[str, Any]:
        return self.slots.setdefault(threading.get_ident(), {})


@breaks("SLOT-15", "SLOT-18", "SLOT-20")
class SlotsByTheNameOfTheThread(OwnSlots):
    """Store slots by thread name."""

    slots: dict[str, dict[str, Any]] = {}  # one for the process

    @property
    def mine(self) -> dict[str, Any]:
        return self.slots.setdefault(threading.current_thread().name, {})


@breaks("SLOT-15")
class ThreadsInheritSlots(Engine):
    """Copy the slots of the parent into each new thread."""

    def __init__(self) -> None:
        super().__init__()
        start = threading.Thread.start

        def inherits(thread: Any) -> None:
            sender, worker, run = self.get_slot("sender"), self.get_slot("worker"), thread.run

            def work() -> None:
                if sender:
                    self.set_slot("sender", sender)
                if worker:
                    self.set_slot("worker", worker)
                run()

            thread.run = work
            start(thread)

        mock.patch.object(threading.Thread, "start", inherits).start()


@breaks("SLOT-20")
class OnlyTheMainThreadHasSlots(Engine):
    """Ignore sessions that are set outside the main thread."""

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        if threading.current_thread() is threading.main_thread():
            super().set_slot(slot, session)


@breaks("SLOT-16", "SLOT-17")
class ClearingClearsForAllThreads(OwnSlots):
    """Clear a slot in all threads."""

    def __init__(self) -> None:
        super().__init__()
        self.cleared: dict[str, int] = {}

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        self.mine[slot] = session, self.cleared.get(slot)

    def get_slot(self, slot: Slot) -> SessionContext | None:
        session, when = self.mine.get(slot, (None, None))
        return session if when == self.cleared.get(slot) else None

    def clear_slot(self, slot: Slot) -> None:
        self.cleared[slot] = self.cleared.get(slot, 0) + 1
