"""Faults in resolving UDFs by name."""

from __future__ import annotations

from typing import Any

from datafusion import Expr, SessionContext

from conformance import wire
from conformance.subjects.engine import Engine
from tasks.faults.engine.faulty import Faulty
from tasks.faults.engine.patched_expr import (
    PatchedExpr,
    find_frames,
    inlines,
    mark_decoded,
    resolve_session,
)
from tasks.faults.fault import breaks


@breaks(
    "BYNAME-04", "BYNAME-05", "BYNAME-06", "BYNAME-08", "BYNAME-09", "BYNAME-11", raises_bug=True
)
class RefusalIsATypo(Faulty):
    """Raise an AttributeError, a bug, where an error should be raised."""

    def reword(self, message: str) -> str:
        return message.no_such_method()  # type: ignore[attr-defined, no-any-return]


@breaks("BYNAME-04", "BYNAME-09", "BYNAME-11")
class ByNameFallsBack(Faulty):
    """Resolve a name in another session if the given session does not know it."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}

    def register(self, session: SessionContext, function: Any) -> None:
        super().register(session, function)
        self.seen[function.name] = session

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError:
            if wire.find(data):
                raise
            for other in self.seen.values():
                try:
                    return super().from_bytes(data, other)
                except RuntimeError:
                    continue
            raise


_WINDOW, _AGGREGATE = b"\x92\x01", b"\x9a\x01"
"""The tags with which calls of window and aggregate functions begin."""


_ALL = tuple(f"BYNAME-{number:02}" for number in (1, 3, 4, 5, 6, 8, 9, 10, 11))


@breaks(*_ALL)
class StrictResolvesNoWindows(Engine):
    """Refuse to resolve window functions by name on strict sessions."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if data.startswith(_WINDOW) and not find_frames(data) and not inlines(session):
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


@breaks("BYNAME-03", "BYNAME-08", "BYNAME-10")
class SendersFunctionRuns(Engine):
    """Return the sender's own expression if the sender is in the same process."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[bytes, Expr] = {}

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        data = super().to_bytes(expr, session)
        if not find_frames(data):
            self.sent[data] = expr
        return data

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        return self.sent.get(data, super().from_bytes(data, session))


@breaks("BYNAME-03")
class FirstRegistrationAnswersForAll(Engine):
    """Cache expressions by their bytes for all sessions that resolve them."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[bytes, Expr] = {}

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        expr = super().from_bytes(data, session)
        return expr if find_frames(data) else self.known.setdefault(data, expr)


@breaks("BYNAME-09")
class RemembersWhatItResolved(Engine):
    """Cache resolved expressions per session, even after a deregistration."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if session is None or find_frames(data):
            return super().from_bytes(data, session)
        known: dict[bytes, Expr] = vars(session).setdefault("known", {})
        if data not in known:
            known[data] = super().from_bytes(data, session)
        return known[data]


@breaks("BYNAME-09")
class WindowsStayRegistered(Engine):
    """Ignore deregistrations of window functions."""

    def deregister(self, session: SessionContext, function: Any) -> None:
        if type(function).__name__ != "WindowUDF":
            super().deregister(session, function)


@breaks("BYNAME-10")
class ResolvesWhenItRuns(PatchedExpr):
    """Resolve names again when the expression is evaluated."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        expr: Any = mark_decoded(super().decode(data, session))
        expr.origin = data, resolve_session(session)
        decoded: Expr = expr
        return decoded

    def evaluate(self, session: SessionContext, expr: Expr, *rest: Any, **options: Any) -> Any:
        origin = vars(expr).get("origin")
        if origin and not find_frames(origin[0]):
            expr = super().decode(*origin)
        return super().evaluate(session, expr, *rest, **options)
