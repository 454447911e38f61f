"""Engines whose toggle does something else."""

from __future__ import annotations

from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.faulty import Faulty
from tasks.faults.engine.patched_expr import family_of, find_frames, inlines
from tasks.faults.fault import breaks


@breaks("TOGGLE-04", "TOGGLE-09", "TOGGLE-10", "TOGGLE-11", "TOGGLE-12", "TOGGLE-14")
class ToggleDoesNothing(Faulty):
    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        del enabled
        return session.with_python_udf_inlining(enabled=True)


@breaks("TOGGLE-05", "TOGGLE-06", "TOGGLE-07", "TOGGLE-14")
class ToggleForgetsTables(Faulty):
    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        del session
        return SessionContext().with_python_udf_inlining(enabled=enabled)


@breaks("TOGGLE-01", "TOGGLE-08")
class FreshSessionsAreStrict(Engine):
    def session(self) -> SessionContext:
        return super().session().with_python_udf_inlining(enabled=False)


class _Counts(Engine):
    """An engine that knows how often the toggle was called on the way to a session."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        toggled: Any = super().with_inlining(session, enabled)
        toggled.calls = [*self.calls(session), enabled]
        derived: SessionContext = toggled
        return derived

    @staticmethod
    def calls(session: SessionContext) -> list[bool]:
        return getattr(session, "calls", [])

    def decodes_as(self, session: SessionContext) -> bool:
        """Whether the session reads frames."""
        return inlines(session)

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if session is not None:
            enabled = self.decodes_as(session)
            session = session.with_python_udf_inlining(enabled=enabled)
        return super().from_bytes(data, session)


@breaks("TOGGLE-01")
class FreshSessionsReadNoWindows(_Counts):
    """Until inlining was asked for by name."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        self.windows = "window" in map(family_of, find_frames(data))
        return super().from_bytes(data, session)

    def decodes_as(self, session: SessionContext) -> bool:
        return inlines(session) and bool(self.calls(session) or not self.windows)


@breaks("TOGGLE-02")
class TakesItByPosition(Engine):
    def call_toggle(self, session: SessionContext, *arguments: bool) -> SessionContext:
        if arguments:
            return session.with_python_udf_inlining(enabled=arguments[0])
        return super().call_toggle(session)


@breaks("TOGGLE-02")
class TakesTrueByPosition(Engine):
    def call_toggle(self, session: SessionContext, *arguments: bool) -> SessionContext:
        return session if arguments == (True,) else super().call_toggle(session, *arguments)


@breaks("TOGGLE-02", "TOGGLE-03")
class WrongCallsAreValueErrors(Engine):
    def call_toggle(self, session: SessionContext, *arguments: bool) -> SessionContext:
        try:
            return super().call_toggle(session, *arguments)
        except TypeError as error:
            raise ValueError(str(error)) from None


@breaks("TOGGLE-03")
class DefaultsToOff(Engine):
    def call_toggle(self, session: SessionContext, *arguments: bool) -> SessionContext:
        if arguments:
            return super().call_toggle(session, *arguments)
        return session.with_python_udf_inlining(enabled=False)


@breaks("TOGGLE-04")
class TogglesInPlace(Engine):
    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        session.ctx = super().with_inlining(session, enabled).ctx
        return session


@breaks("TOGGLE-04")
class TurnsTheOriginalOffToo(Engine):
    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        if not enabled:
            session.ctx = derived.ctx
        return derived


@breaks("TOGGLE-04")
class ReturnsItselfWhereNothingChanges(Engine):
    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        return session if inlines(session) is enabled else super().with_inlining(session, enabled)


@breaks("TOGGLE-04")
class OriginalReadsAsItsTwin(_Counts):
    """What was derived from a session decides on what it reads, and not on what it writes."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        original: Any = session
        original.twin = enabled
        return super().with_inlining(session, enabled)

    def decodes_as(self, session: SessionContext) -> bool:
        return getattr(session, "twin", inlines(session))


@breaks("TOGGLE-08")
class SwitchedSessionsMarkTheirBytes(_Counts):
    """By a field that nobody knows, once they were off."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        was_off = session is not None and False in self.calls(session)
        return data + b"\xf8\x3f\x00" if was_off and find_frames(data) else data


@breaks("TOGGLE-04", "TOGGLE-08", "TOGGLE-11")
class LastCallDecidesForAllWhoWrite(Engine):
    def __init__(self) -> None:
        super().__init__()
        self.enabled = True

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        self.enabled = enabled
        return super().with_inlining(session, enabled)

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        if session is not None:
            session = session.with_python_udf_inlining(enabled=self.enabled)
        return super().to_bytes(expr, session)


@breaks("TOGGLE-04", "TOGGLE-11")
class LastCallDecidesForAllWhoRead(_Counts):
    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        self.enabled = enabled
        return super().with_inlining(session, enabled)

    def decodes_as(self, session: SessionContext) -> bool:
        return self.enabled if self.calls(session) else inlines(session)


@breaks("TOGGLE-04", "TOGGLE-08", "TOGGLE-12")
class StrictForEver(_Counts):
    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        return super().with_inlining(session, enabled and False not in self.calls(session))


@breaks("TOGGLE-04", "TOGGLE-12")
class OffTwiceIsOn(_Counts):
    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        twice = not enabled and self.calls(session)[-1:] == [False]
        return super().with_inlining(session, enabled or twice)


@breaks("TOGGLE-04", "TOGGLE-12")
class ReadsAsTheFirstCallSaid(_Counts):
    def decodes_as(self, session: SessionContext) -> bool:
        return (self.calls(session) or [True])[0]
