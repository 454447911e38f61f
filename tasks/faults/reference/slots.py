"""Faults of SLOT and THREAD: slots that are shared, kept or asked in a wrong way."""

from __future__ import annotations

import threading

from conformance.subjects.interface import Slot
from conformance.subjects.reference import libraries, slots
from conformance.subjects.reference.expressions import Expression
from conformance.subjects.reference.sessions import Session
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


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
    "SLOT-21",
)
class GlobalSessionEncodesStrictly(Parts):
    """Encode by name if no session is given and the sender slot is empty."""

    class Slots(slots.Slots):
        def for_encoding(self, explicit: Session | None = None) -> Session:
            found = super().for_encoding(explicit)
            return found.derived(inlining=False) if found is self.subject.default else found


@breaks("SLOT-11", "SLOT-14", "SLOT-16", "SLOT-17")
class SlotsHoldACopy(Parts):
    """Store a copy of the session in a slot."""

    class Slots(slots.Slots):
        def set(self, slot: Slot, session: Session) -> None:
            super().set(slot, session.derived())


@breaks("SLOT-08", "SLOT-09", "SLOT-12", "SLOT-13", "SLOT-14", "SLOT-17")
class ClearingIsForTheSenderSlot(Parts):
    """Clear the sender slot when the worker slot is to be cleared."""

    class Slots(slots.Slots):
        def clear(self, slot: Slot) -> None:
            del slot
            super().clear("sender")


class _Inherits(libraries.Libraries):
    """Take the threads of ``kinds`` for those of a library, which have the driver's slots."""

    kinds: tuple[type[threading.Thread], ...]

    def is_library_thread(self) -> bool:
        return isinstance(threading.current_thread(), self.kinds) or super().is_library_thread()


@breaks("SLOT-15")
class TimersHaveTheDriversSlots(Parts):
    """Give the thread of a timer the slots of the main thread."""

    class Libraries(_Inherits):
        kinds = (threading.Timer,)


@breaks("SLOT-15")
class BareThreadsHaveTheDriversSlots(Parts):
    """Give a thread that ``threading`` did not start the slots of the main thread."""

    class Libraries(_Inherits):
        kinds = (threading._DummyThread,)
