"""Faults in the toggle."""

from __future__ import annotations

from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.faulty import Faulty
from tasks.faults.engine.patched_expr import family_of, find_frames, inlines
from tasks.faults.fault import breaks


@breaks("TOGGLE-04", "TOGGLE-09", "TOGGLE-10", "TOGGLE-11", "TOGGLE-12", "TOGGLE-14")
class ToggleDoesNothing(Faulty):
    """Ignore the toggle: no session is strict."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        del enabled
        return session.with_python_udf_inlining(enabled=True)


@breaks("TOGGLE-05", "TOGGLE-06", "TOGGLE-07", "TOGGLE-14")
class ToggleForgetsTables(Faulty):
    """Return an empty session when inlining is toggled."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        del session
        return SessionContext().with_python_udf_inlining(enabled=enabled)


@breaks("TOGGLE-01", "TOGGLE-08")
class FreshSessionsAreStrict(Engine):
    """Create strict sessions by default."""

    def session(self) -> SessionContext:
        return super().session().with_python_udf_inlining(enabled=False)


class _Counts(Engine):
    """An engine that records the calls of the toggle that led to a session."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        toggled: Any = super().with_inlining(session, enabled)
        toggled.calls = [*self.calls(session), enabled]
        derived: SessionContext = toggled
        return derived

    @staticmethod
    def calls(session: SessionContext) -> list[bool]:
        return getattr(session, "calls", [])

    def decodes_as(self, session: SessionContext) -> bool:
        """Return whether the session decodes frames."""
        return inlines(session)

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if session is not None:
            enabled = self.decodes_as(session)
            session = session.with_python_udf_inlining(enabled=enabled)
        return super().from_bytes(data, session)


@breaks("TOGGLE-01")
class FreshSessionsReadNoWindows(_Counts):
    """Refuse windows on sessions on which inlining was never toggled."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        self.windows = "window" in map(family_of, find_frames(data))
        return super().from_bytes(data, session)

    def decodes_as(self, session: SessionContext) -> bool:
        return inlines(session) and bool(self.calls(session) or not self.windows)


@breaks("TOGGLE-02")
class TakesItByPosition(Engine):
    """Accept the toggle's argument by position."""

    def call_toggle(self, session: SessionContext, *arguments: bool) -> SessionContext:
        if arguments:
            return session.with_python_udf_inlining(enabled=arguments[0])
        return super().call_toggle(session)


@breaks("TOGGLE-02")
class TakesTrueByPosition(Engine):
    """Accept True as the toggle's positional argument."""

    def call_toggle(self, session: SessionContext, *arguments: bool) -> SessionContext:
        return session if arguments == (True,) else super().call_toggle(session, *arguments)


@breaks("TOGGLE-02", "TOGGLE-03")
class WrongCallsAreValueErrors(Engine):
    """Raise a ValueError for wrong arguments of the toggle."""

    def call_toggle(self, session: SessionContext, *arguments: bool) -> SessionContext:
        try:
            return super().call_toggle(session, *arguments)
        except TypeError as error:
            raise ValueError(str(error)) from None


@breaks("TOGGLE-03")
class DefaultsToOff(Engine):
    """Turn inlining off if the toggle has no argument."""

    def call_toggle(self, session: SessionContext, *arguments: bool) -> SessionContext:
        if arguments:
            return super().call_toggle(session, *arguments)
        return session.with_python_udf_inlining(enabled=False)


@breaks("TOGGLE-04")
class TogglesInPlace(Engine):
    """Toggle inlining on the session itself."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        session.ctx = super().with_inlining(session, enabled).ctx
        return session


@breaks("TOGGLE-04")
class TurnsTheOriginalOffToo(Engine):
    """Turn inlining off on the original, too."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        if not enabled:
            session.ctx = derived.ctx
        return derived


@breaks("TOGGLE-04")
class ReturnsItselfWhereNothingChanges(Engine):
    """Return the session itself if the toggle changes nothing."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        return session if inlines(session) is enabled else super().with_inlining(session, enabled)


@breaks("TOGGLE-04")
class OriginalReadsAsItsTwin(_Counts):
    """Decode on the original as on the session last derived from it."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        original: Any = session
        original.twin = enabled
        return super().with_inlining(session, enabled)

    def decodes_as(self, session: SessionContext) -> bool:
        return getattr(session, "twin", inlines(session))


@breaks("TOGGLE-08")
class SwitchedSessionsMarkTheirBytes(_Counts):
    """Append an unknown field once inlining was off."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        was_off = session is not None and False in self.calls(session)
        return data + b"\xf8\x3f\x00" if was_off and find_frames(data) else data


@breaks("TOGGLE-04", "TOGGLE-08", "TOGGLE-11")
class LastCallDecidesForAllWhoWrite(Engine):
    """Encode on all sessions by the last call of the toggle."""

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
    """Decode on all toggled sessions by the last call of the toggle."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        self.enabled = enabled
        return super().with_inlining(session, enabled)

    def decodes_as(self, session: SessionContext) -> bool:
        return self.enabled if self.calls(session) else inlines(session)


@breaks("TOGGLE-04", "TOGGLE-08", "TOGGLE-12")
class StrictForEver(_Counts):
    """Do not turn inlining on once it was off."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        return super().with_inlining(session, enabled and False not in self.calls(session))


@breaks("TOGGLE-04", "TOGGLE-12")
class OffTwiceIsOn(_Counts):
    """Turn inlining on when it is turned off twice."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        twice = not enabled and self.calls(session)[-1:] == [False]
        return super().with_inlining(session, enabled or twice)


@breaks("TOGGLE-04", "TOGGLE-12")
class ReadsByTheFirstCall(_Counts):
    """Decode by the first call of the toggle."""

    def decodes_as(self, session: SessionContext) -> bool:
        return (self.calls(session) or [True])[0]
