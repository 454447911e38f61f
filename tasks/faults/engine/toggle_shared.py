"""Faults in what a session shares with the one that the toggle derives from it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.patched_expr import find_frames
from tasks.faults.fault import breaks


class _Twins(Engine):
    """An engine that can hide from a session what was done on its twin."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        twins = vars(session).setdefault("twins", [session])
        twins.append(derived)
        vars(derived).update(vars(session), ctx=derived.ctx, hidden=set(self.hidden(session)))
        return derived

    @staticmethod
    def hidden(session: SessionContext) -> set[str]:
        """Return the names that the session does not see."""
        hidden: set[str] = vars(session).setdefault("hidden", set())
        return hidden

    def hide(self, name: str, session: SessionContext, *, earlier: bool, later: bool) -> None:
        """Hide a name from the twins that are older than ``session``, or newer."""
        twins = vars(session).get("twins", [session])
        place = next(number for number, twin in enumerate(twins) if twin is session)
        self.hidden(session).discard(name)
        for twin in [*(twins[:place] if earlier else ()), *(twins[place + 1 :] if later else ())]:
            self.hidden(twin).add(name)

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if session is not None and not find_frames(data):
            for name in self.hidden(session):
                if name.encode() in data:
                    raise RuntimeError(f'DataFusion error: NotImplemented("no function {name}")')
        return super().from_bytes(data, session)


@breaks("TOGGLE-05")
class RegistrationsAreCopied(_Twins):
    """Copy registrations when toggling, so that later ones are on one session only."""

    def register(self, session: SessionContext, function: Any) -> None:
        super().register(session, function)
        self.hide(function.name, session, earlier=True, later=True)


@breaks("TOGGLE-05")
class RegistrationsOfATwinStayThere(_Twins):
    """Hide registrations on a toggled session from the original."""

    def register(self, session: SessionContext, function: Any) -> None:
        super().register(session, function)
        self.hide(function.name, session, earlier=True, later=False)


@breaks("TOGGLE-05")
class WindowsAreRegisteredOnOne(_Twins):
    """Hide windows registered on the original from the toggled session."""

    def register(self, session: SessionContext, function: Any) -> None:
        super().register(session, function)
        if type(function).__name__ == "WindowUDF":
            self.hide(function.name, session, earlier=False, later=True)


@breaks("TOGGLE-06")
class TablesAreCopied(_Twins):
    """Copy tables when toggling, so that later ones are on one session only."""

    def add_table(self, session: SessionContext, name: str, batch: pa.RecordBatch) -> None:
        super().add_table(session, name, batch)
        self.hide(name, session, earlier=True, later=True)

    def has_table(self, session: SessionContext, name: str) -> bool:
        return name not in self.hidden(session) and super().has_table(session, name)


@breaks("TOGGLE-06")
class TablesOfATwinStayThere(TablesAreCopied):
    """Hide tables of a toggled session from the original."""

    def add_table(self, session: SessionContext, name: str, batch: pa.RecordBatch) -> None:
        Engine.add_table(self, session, name, batch)
        self.hide(name, session, earlier=True, later=False)


@breaks("TOGGLE-06")
class TwinsForgetTablesOfBefore(TablesAreCopied):
    """Hide tables that were there before the toggle from the toggled session."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        self.hidden(derived).add("t")
        return derived

    def add_table(self, session: SessionContext, name: str, batch: pa.RecordBatch) -> None:
        Engine.add_table(self, session, name, batch)
        for twin in vars(session).get("twins", ()):
            self.hidden(twin).discard(name)


@breaks("TOGGLE-07")
class OptionsAreCopied(_Twins):
    """Copy options when toggling, so that later changes reach one session only."""

    def set_batch_size(self, session: SessionContext, rows: int) -> None:
        self.hide("batch_size", session, earlier=True, later=True)
        super().set_batch_size(session, rows)

    def batch_size(self, session: SessionContext) -> int:
        return 8192 if "batch_size" in self.hidden(session) else super().batch_size(session)


@breaks("TOGGLE-07")
class TogglingResetsOptions(_Twins):
    """Reset the batch size when inlining is toggled."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        self.set_batch_size(derived, 8192)
        return derived


class _Leaves(_Twins):
    """An engine that deregisters some functions on one twin only."""

    def hides_only(self, session: SessionContext, function: Any) -> bool:
        raise NotImplementedError

    def deregister(self, session: SessionContext, function: Any) -> None:
        if "twins" in vars(session) and self.hides_only(session, function):
            self.hidden(session).add(function.name)
        else:
            super().deregister(session, function)


@breaks("TOGGLE-14")
class DeregistersOnOne(_Leaves):
    """Deregister a function on one of two toggled sessions only."""

    def hides_only(self, session: SessionContext, function: Any) -> bool:
        del session, function
        return True


@breaks("TOGGLE-14")
class DeregistersAggregatesOfTheOriginalOnOne(_Leaves):
    """Deregister aggregates of the original on the original only."""

    def hides_only(self, session: SessionContext, function: Any) -> bool:
        original: SessionContext = vars(session)["twins"][0]
        return session is original and type(function).__name__ == "AggregateUDF"
