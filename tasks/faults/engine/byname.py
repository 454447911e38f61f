"""Faults in resolving UDFs by name."""

from __future__ import annotations

from typing import Any

from datafusion import Expr, ScalarUDF, SessionContext, ipc

from conformance.subjects.engine import Engine
from tasks.faults.engine.patched_expr import WINDOW_TAG, find_frames, inlines
from tasks.faults.fault import breaks

_AGGREGATE = b"\x9a\x01"
"""The tag with which calls of aggregate functions begin."""


_ALL = tuple(f"BYNAME-{number:02}" for number in (1, 3, 4, 5, 6, 8, 9, 10, 11))


@breaks(*_ALL)
class StrictResolvesNoWindows(Engine):
    """Refuse to resolve window functions by name on strict sessions."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if data.startswith(WINDOW_TAG) and not find_frames(data) and not inlines(session):
            raise RuntimeError('DataFusion error: NotImplemented("no window function by name")')
        return super().from_bytes(data, session)


@breaks("BYNAME-01", "BYNAME-08")
class StrictResolvesNoUmlauts(Engine):
    """Refuse to resolve non-ASCII names on strict sessions."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if b"\xc3" in data and not find_frames(data) and not inlines(session):
            raise RuntimeError('DataFusion error: Plan("a name is no identifier")')
        return super().from_bytes(data, session)


@breaks("BYNAME-02", *(id_ for id_ in _ALL if id_ not in ("BYNAME-01", "BYNAME-08", "BYNAME-11")))
class InliningWantsAFrameOfAggregates(Engine):
    """Refuse aggregate calls without a frame on sessions that inline."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if data.startswith(_AGGREGATE) and not find_frames(data) and inlines(session):
            raise RuntimeError('DataFusion error: Execution("no inline payload")')
        return super().from_bytes(data, session)


@breaks("BYNAME-03")
class TheFirstRegistrationStays(Engine):
    """Ignore the registration of a name that is taken."""

    def register(self, session: SessionContext, function: Any) -> None:
        taken = vars(session).setdefault("taken", set())
        if (type(function), function.name) not in taken:
            taken.add((type(function), function.name))
            super().register(session, function)

    def deregister(self, session: SessionContext, function: Any) -> None:
        vars(session).setdefault("taken", set()).discard((type(function), function.name))
        super().deregister(session, function)


@breaks("BYNAME-09")
class AllKindsAreDeregistered(Engine):
    """Deregister the functions of all kinds that have the name."""

    def deregister(self, session: SessionContext, function: Any) -> None:
        session.deregister_udf(function.name)
        session.deregister_udaf(function.name)
        session.deregister_udwf(function.name)


@breaks("BYNAME-09")
class RegistrationsAreCounted(Engine):
    """Deregister a name only as often as it was registered."""

    def register(self, session: SessionContext, function: Any) -> None:
        counts = vars(session).setdefault("counts", {})
        counts[function.name] = counts.get(function.name, 0) + 1
        super().register(session, function)

    def deregister(self, session: SessionContext, function: Any) -> None:
        counts = vars(session).setdefault("counts", {})
        counts[function.name] = counts.get(function.name, 1) - 1
        if not counts[function.name]:
            super().deregister(session, function)


@breaks("BYNAME-06")
class ScalarsTakeTheNameOfAggregates(Engine):
    """Deregister the aggregate UDF of a name that a scalar UDF gets."""

    def register(self, session: SessionContext, function: Any) -> None:
        super().register(session, function)
        if isinstance(function, ScalarUDF):
            session.deregister_udaf(function.name)


@breaks("BYNAME-03")
class SlotsRememberFunctions(Engine):
    """Resolve a message by the worker slot once, and return the same expression from then on."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[tuple[SessionContext, bytes], Expr] = {}

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        slot = ipc.get_worker_ctx()
        if session is not None or slot is None:
            return super().from_bytes(data, session)
        return self.known.setdefault((slot, data), super().from_bytes(data, session))
