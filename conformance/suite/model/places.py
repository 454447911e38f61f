"""Sessions, registrations and slots, as the model sees them."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.catalogue.nodes import Family
from conformance.suite.model.steps import NAMES, SLOTS, Expected
from conformance.suite.model.trees import Cell, Function

ABS: tuple[Family, str] = ("scalar", "abs")
"""Kind and name of the built-in function of the model."""

BUILTIN = Function("scalar", "abs", Cell(0))
"""The function itself; its factor is never used."""

Registry = dict[tuple[str, str], Function]


@dataclass(frozen=True)
class Session:
    """A session: whether it inlines, and the registry that it shares."""

    inlines: bool
    registry: Registry


class Places:
    """The sessions that encode and decode. ``known`` are the divergences that the subject has."""

    def __init__(self, known: frozenset[str]) -> None:
        self.known = known
        self.one_registry = "builtin-answers-for-a-udf" in known
        self.sessions = {0: self._session()}  # the global one
        self.slots: dict[int, dict[str, int]] = {0: {}}
        self.in_slots: dict[int, Session] = {}
        self.functions: dict[int, Function] = {}

    def _session(self) -> Session:
        return Session(True, {ABS: BUILTIN} if self.one_registry else {})

    def drop_session(self, _: int, session: int) -> Expected:
        del self.sessions[session]
        return Expected()

    def make_session(self, _: int, new: int) -> Expected:
        self.sessions[new] = self._session()
        return Expected()

    def toggle(self, _: int, new: int, session: int, enabled: bool) -> Expected:
        self.sessions[new] = Session(enabled, self.sessions[session].registry)
        return Expected()

    def register(self, _: int, session: int, function: int) -> Expected:
        one = self.functions[function]
        self.sessions[session].registry[one.family, one.name] = one
        return Expected(clause=NAMES)

    def deregister(self, _: int, session: int, function: int) -> Expected:
        one = self.functions[function]
        self.sessions[session].registry.pop((one.family, one.name), None)
        return Expected(clause=NAMES)

    def start_thread(self, _: int, new: int, name: str | None) -> Expected:
        del name
        self.slots[new] = {}
        return self.all_slots()

    def end_thread(self, _: int, ended: int) -> Expected:
        del self.slots[ended]
        return self.all_slots()

    def set_slot(self, thread: int, slot: str, session: int) -> Expected:
        self.slots[thread][slot] = session
        self.in_slots[session] = self.sessions[session]
        return self.all_slots()

    def clear_slot(self, thread: int, slot: str) -> Expected:
        self.slots[thread].pop(slot, None)
        return self.all_slots()

    def all_slots(self) -> Expected:
        slots = {
            (thread, slot): held.get(slot)
            for thread, held in self.slots.items()
            for slot in ("sender", "worker")
        }
        return Expected(clause=SLOTS, slots=slots)

    def encoder(self, thread: int, session: int | None) -> bool:
        """Return whether what this thread encodes is inline."""
        if session is not None:
            return self.sessions[session].inlines
        held = self.slots[thread].get("sender")
        return True if held is None else self.in_slots[held].inlines

    def decoder(self, thread: int, session: int | None) -> Session:
        """Return the session that decodes in this thread."""
        if session is not None:
            return self.sessions[session]
        held = self.slots[thread].get("worker")
        return self.sessions[0] if held is None else self.in_slots[held]
