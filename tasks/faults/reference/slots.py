"""Faults of SLOT and THREAD: slots that are shared, kept or asked in a wrong way."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from conformance.subjects.interface import Slot
from conformance.subjects.reference import slots
from conformance.subjects.reference.expressions import Expression
from conformance.subjects.reference.sessions import Session
from conformance.subjects.reference.slots import Work
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("SLOT-01")
class SenderSlotComesFirst(Parts):
    """Prefer the sender slot to the session that is given to ``to_bytes``."""

    class Slots(slots.Slots):
        def for_encoding(self, explicit: Session | None = None) -> Session:
            return super().for_encoding(self.get("sender") or explicit)


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
class PicklesAreInline(Parts):
    """Ignore the sender slot when pickling and copying."""

    def to_pickle_bytes(self, expr: Expression) -> bytes:
        return self.to_bytes(expr, self.default)


@breaks("SLOT-21")
class FailuresClearTheSenderSlot(Parts):
    """Clear the sender slot when an expression cannot be encoded."""

    def to_bytes(self, expr: Expression, session: Session | None = None) -> bytes:
        try:
            return super().to_bytes(expr, session)
        except Exception:
            self.clear_slot("sender")
            raise


@breaks("SLOT-03")
class SenderSlotIsForPickles(Parts):
    """Ignore the sender slot in ``to_bytes``."""

    def to_bytes(self, expr: Expression, session: Session | None = None) -> bytes:
        return super().to_bytes(
            expr, session or self.slots.active_session("encoding") or self.default
        )

    def to_pickle_bytes(self, expr: Expression) -> bytes:
        return super().to_bytes(expr)


@breaks(
    "SLOT-03",
    "SLOT-04",
    "SLOT-05",
    "SLOT-06",
    "SLOT-07",
    "SLOT-08",
    "SLOT-09",
    "SLOT-12",
    "SLOT-15",
    "SLOT-19",
)
class GlobalSessionEncodesStrictly(Parts):
    """Encode by name if no session is given and the sender slot is empty."""

    class Slots(slots.Slots):
        def for_encoding(self, explicit: Session | None = None) -> Session:
            found = super().for_encoding(explicit)
            return found.derived(inlining=False) if found is self.subject.default else found


@breaks("SLOT-03", "SLOT-05")
class WorkerSlotEncodes(Parts):
    """Encode with the worker slot if the sender slot is empty."""

    class Slots(slots.Slots):
        def for_encoding(self, explicit: Session | None = None) -> Session:
            return super().for_encoding(explicit or self.get("sender") or self.get("worker"))


@breaks("SLOT-06")
class WorkerSlotComesFirst(Parts):
    """Prefer the worker slot to the session that is given to ``from_bytes``."""

    class Slots(slots.Slots):
        def for_decoding(self, explicit: Session | None = None) -> Session:
            return super().for_decoding(self.get("worker") or explicit)


@breaks(
    "SLOT-02",
    "SLOT-07",
    "SLOT-09",
    "SLOT-10",
    "SLOT-12",
    "SLOT-16",
    "SLOT-17",
    "SLOT-19",
    "SLOT-20",
)
class WorkerSlotIsNotAsked(Parts):
    """Ignore the worker slot."""

    class Slots(slots.Slots):
        def for_decoding(self, explicit: Session | None = None) -> Session:
            return explicit or self.active_session("decoding") or self.subject.global_session()


@breaks("SLOT-08", "SLOT-09")
class DefaultDecodesAndNotTheGlobalSession(Parts):
    """Decode with another session instead of the global one."""

    class Slots(slots.Slots):
        def for_decoding(self, explicit: Session | None = None) -> Session:
            found = super().for_decoding(explicit)
            return self.subject.default if found is self.subject.global_session() else found


@breaks("SLOT-09")
class SenderSlotDecodes(Parts):
    """Decode with the sender slot if the worker slot is empty."""

    class Slots(slots.Slots):
        def for_decoding(self, explicit: Session | None = None) -> Session:
            return super().for_decoding(explicit or self.get("worker") or self.get("sender"))


@breaks("SLOT-02", "SLOT-07", "SLOT-08", "SLOT-09", "SLOT-10", "SLOT-12", "SLOT-17", "SLOT-19")
class WorkIsNotOverAfterAnError(Parts):
    """Use the session of a failed call for later calls of the thread, too."""

    class Slots(slots.Slots):
        @contextmanager
        def activate(self, work: Work, session: Session) -> Iterator[None]:
            active = self.local.active[work]
            active.append(session)
            yield
            active.pop()


@breaks("SLOT-11", "SLOT-14", "SLOT-16", "SLOT-17")
class SlotsHoldACopy(Parts):
    """Store a copy of the session in a slot."""

    class Slots(slots.Slots):
        def set(self, slot: Slot, session: Session) -> None:
            super().set(slot, session.derived())


@breaks("SLOT-10")
class SlotsAreSetOnce(Parts):
    """Ignore a new session for a slot that holds one."""

    class Slots(slots.Slots):
        def set(self, slot: Slot, session: Session) -> None:
            self.local.slots.setdefault(slot, session)


@breaks("SLOT-08", "SLOT-09", "SLOT-12", "SLOT-13", "SLOT-14", "SLOT-17")
class ClearingIsForTheSenderSlot(Parts):
    """Clear the sender slot when the worker slot is to be cleared."""

    class Slots(slots.Slots):
        def clear(self, slot: Slot) -> None:
            del slot
            super().clear("sender")


@breaks(
    "SLOT-15", "SLOT-16", "SLOT-18", "SLOT-20", "THREAD-01", "THREAD-02", "THREAD-04", "THREAD-10"
)
class SlotsAreOfTheProcess(Parts):
    """Share the slots between all threads of the process."""

    class Slots(slots.Slots):
        def __init__(self, subject: Any) -> None:
            super().__init__(subject)
            held: Any = SimpleNamespace(slots={}, active={"encoding": [], "decoding": []})
            self.local = held


@breaks("SLOT-15")
class ChildThreadsStartWithACopy(Parts):
    """Use the main thread's slots in a thread whose own slots are empty."""

    class Slots(slots.Slots):
        def __init__(self, subject: Any) -> None:
            super().__init__(subject)
            self.main = self.local.slots

        def get(self, slot: Slot) -> Session | None:
            mine = self.local.slots
            return mine.get(slot) if slot in mine else self.main.get(slot)


@breaks("THREAD-03", "THREAD-04")
class SlotsAreOfTheContext(Parts):
    """Store the slots in a context variable instead of thread-local storage."""

    class Slots(slots.Slots):
        kept: contextvars.ContextVar[dict[Slot, Session]] = contextvars.ContextVar("slots")

        def set(self, slot: Slot, session: Session) -> None:
            self.kept.set({**self.kept.get({}), slot: session})

        def get(self, slot: Slot) -> Session | None:
            return self.kept.get({}).get(slot)

        def clear(self, slot: Slot) -> None:
            self.kept.set({key: one for key, one in self.kept.get({}).items() if key != slot})


@breaks("SLOT-17", "SLOT-18")
class SlotsRememberAll(Parts):
    """Keep every session that was ever in a slot alive."""

    class Slots(slots.Slots):
        def set(self, slot: Slot, session: Session) -> None:
            vars(self).setdefault("all", []).append(session)
            super().set(slot, session)


@breaks("SLOT-18")
class SessionsAreKeptByThread(Parts):
    """Keep the sessions of a thread alive after the thread has ended."""

    class Slots(slots.Slots):
        def set(self, slot: Slot, session: Session) -> None:
            vars(self).setdefault("kept", {})[threading.get_ident(), slot] = session
            super().set(slot, session)

        def clear(self, slot: Slot) -> None:
            vars(self).get("kept", {}).pop((threading.get_ident(), slot), None)
            super().clear(slot)


@breaks("SLOT-19")
class ASessionMovesFromSlotToSlot(Parts):
    """Remove a session from its slot when it is put into the other one."""

    class Slots(slots.Slots):
        def set(self, slot: Slot, session: Session) -> None:
            for other in [key for key, one in self.local.slots.items() if one is session]:
                self.clear(other)
            super().set(slot, session)
