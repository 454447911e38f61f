"""Faults in deriving sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

from conformance.subjects.engine import Engine
from tasks.faults.fault import breaks

_SAME = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")(col("a"))


class _Derives(Engine):
    """An engine whose ``enable_url_table`` is ``derive``."""

    def derive(self, session: SessionContext) -> SessionContext:
        return session.enable_url_table()

    def derivations(self, session: SessionContext) -> Mapping[str, Callable[[], SessionContext]]:
        found = dict(super().derivations(session))
        found["enable_url_table"] = lambda: self.derive(session)
        return found


@breaks("DERIVED-02", "DERIVED-03", "DERIVED-04", "DERIVED-08")
class UrlTablesTurnInliningOn(_Derives):
    """Turn inlining on in sessions that enable_url_table() derives."""

    def derive(self, session: SessionContext) -> SessionContext:
        return super().derive(session).with_python_udf_inlining(enabled=True)


@breaks("DERIVED-05", "DERIVED-06")
class UrlTablesTurnInliningOff(_Derives):
    """Turn inlining off in sessions that enable_url_table() derives."""

    def derive(self, session: SessionContext) -> SessionContext:
        return super().derive(session).with_python_udf_inlining(enabled=False)


@breaks("DERIVED-07")
class UrlTablesTurnTheirSourceOver(_Derives):
    """Flip the toggle of the session that enable_url_table() is called on."""

    def derive(self, session: SessionContext) -> SessionContext:
        derived = super().derive(session)
        strict = b"DFPY" not in self.to_bytes(_SAME, session)
        session.ctx = session.with_python_udf_inlining(enabled=strict).ctx
        return derived


@breaks("DERIVED-11")
class UrlTablesTurnTheGlobalSessionOff(_Derives):
    """Make the global session strict once enable_url_table() was called."""

    off = False

    def derive(self, session: SessionContext) -> SessionContext:
        self.off = True
        return super().derive(session)

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if session is None and self.off:
            session = self.with_inlining(self.global_session(), False)
        return super().from_bytes(data, session)


@breaks("DERIVED-01")
class UrlTablesFreezeTheToggle(_Derives):
    """Ignore the toggle in sessions that enable_url_table() derives."""

    class Frozen(SessionContext):
        def with_python_udf_inlining(self, *, enabled: bool) -> SessionContext:
            del enabled
            return self

    def derive(self, session: SessionContext) -> SessionContext:
        frozen = self.Frozen.__new__(self.Frozen)
        frozen.ctx = super().derive(session).ctx
        return frozen


@breaks("DERIVED-09", "DERIVED-10")
class BundlesForgetRegistrations(Engine):
    """Derive a session without registrations from with_extensions()."""

    def derivations(self, session: SessionContext) -> Mapping[str, Callable[[], SessionContext]]:
        found = dict(super().derivations(session))
        strict = b"DFPY" not in self.to_bytes(_SAME, session)
        found["with_extensions"] = lambda: self.with_inlining(self.session(), not strict)
        return found


class _Widened(Engine):
    """An engine whose sessions are of the nested class ``Session``."""

    Session: type[SessionContext] = SessionContext

    def session(self) -> SessionContext:
        return self.Session()

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        widened = self.Session.__new__(self.Session)
        widened.ctx = super().with_inlining(session, enabled).ctx
        return widened


@breaks(
    "DERIVED-01",
    "DERIVED-02",
    "DERIVED-03",
    "DERIVED-04",
    "DERIVED-05",
    "DERIVED-06",
    "DERIVED-07",
    "DERIVED-08",
    "DERIVED-09",
    "DERIVED-11",
)
class NewMethodTakesWhatNobodyKnows(_Widened):
    """Add a deriving method whose argument the suite cannot supply."""

    class Session(SessionContext):
        def with_a_planet(self, planet: complex) -> SessionContext:
            raise AssertionError(planet)


@breaks("DERIVED-12")
class CopiesForgetStrict(_Widened):
    """Return an inlining session when a session is copied by reduction."""

    class Session(SessionContext):
        def __reduce__(self) -> Any:
            return SessionContext, ()
