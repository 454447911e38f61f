"""Faults in the toggle."""

from __future__ import annotations

import pyarrow as pa
from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.faulty import Faulty
from tasks.faults.engine.patched_expr import (
    KnowsUnpicklable,
    find_frames,
    inlines,
)
from tasks.faults.fault import breaks


@breaks("TOGGLE-04", "TOGGLE-09", "TOGGLE-10", "TOGGLE-11", "TOGGLE-12", "TOGGLE-14")
class ToggleDoesNothing(Faulty):
    """Ignore the toggle: no session is strict."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        del enabled
        return session.with_python_udf_inlining(enabled=True)


@breaks("TOGGLE-12")
class GlobalSessionStaysOn(Faulty):
    """Ignore the toggle on the global session."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        is_global = session.session_id() == SessionContext.global_ctx().session_id()
        return session.with_python_udf_inlining(enabled=enabled or is_global)


@breaks("TOGGLE-05", "TOGGLE-06", "TOGGLE-07", "TOGGLE-14")
class ToggleForgetsTables(Faulty):
    """Return an empty session when inlining is toggled."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        del session
        return SessionContext().with_python_udf_inlining(enabled=enabled)


@breaks("TOGGLE-02", "TOGGLE-03")
class WrongCallsAreValueErrors(Engine):
    """Raise a ValueError for wrong arguments of the toggle."""

    def call_toggle(self, session: SessionContext, *arguments: bool) -> SessionContext:
        try:
            return super().call_toggle(session, *arguments)
        except TypeError as error:
            raise ValueError(str(error)) from None


@breaks("TOGGLE-13")
class StrictPicklesAllTheSame(KnowsUnpicklable):
    """Raise an error for an unpicklable UDF on strict sessions."""

    def encode(self, expr: Expr, session: SessionContext | None) -> bytes:
        if not inlines(session) and any(name in str(expr) for name in self.unpicklable):
            raise RuntimeError("DataFusion error: Execution(\"cannot pickle '_thread.lock'\")")
        return super().encode(expr, session)


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


@breaks("TOGGLE-06")
class TablesAreCopied(_Twins):
    """Copy tables when toggling, so that later ones are on one session only."""

    def add_table(self, session: SessionContext, name: str, batch: pa.RecordBatch) -> None:
        super().add_table(session, name, batch)
        self.hide(name, session, earlier=True, later=True)

    def has_table(self, session: SessionContext, name: str) -> bool:
        return name not in self.hidden(session) and super().has_table(session, name)


@breaks("TOGGLE-04")
class TheGlobalSessionIsToggled(Faulty):
    """Toggle the global session itself."""

    toggled: SessionContext | None = None

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        if session.session_id() == SessionContext.global_ctx().session_id():
            self.toggled = derived
        return derived

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        return super().from_bytes(data, session or self.get_slot("worker") or self.toggled)
