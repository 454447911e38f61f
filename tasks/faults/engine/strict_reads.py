"""Faults in which a strict session decodes what it should refuse."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.patched_expr import (
    PatchedExpr,
    family_of,
    find_frames,
    inlines,
    patch_expr,
    replace_frames,
    resolve_session,
)
from tasks.faults.fault import breaks


def _inlining(session: SessionContext | None) -> SessionContext:
    return resolve_session(session).with_python_udf_inlining(enabled=True)


_ALL = tuple(f"STRICT-{number:02}" for number in range(1, 13))


@breaks(*_ALL)
class StrictDecodesAfterAll(PatchedExpr):
    """Decode frames on strict sessions."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        return super().decode(data, _inlining(session))


@breaks(*(clause for clause in _ALL if clause not in ("STRICT-09", "STRICT-12")))
class StrictDecodesPickles(PatchedExpr):
    """Decode frames in pickles on strict sessions."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        return super().decode(data, _inlining(None) if session is None else session)


@breaks("STRICT-01", "STRICT-02", "STRICT-03", "STRICT-04", "STRICT-05", "STRICT-06", "STRICT-08")
class StrictCopiesFreely(PatchedExpr):
    """Decode frames in copy.copy() on strict sessions."""

    def __init__(self) -> None:
        super().__init__()
        copied = lambda expr: self.decode(self.encode(expr, None), _inlining(None))  # noqa: E731
        patch_expr("__copy__", copied)


@breaks("STRICT-01", "STRICT-09")
class RefusesOnce(Engine):
    """Decode frames on a strict session that has refused one."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if session is not None and vars(session).get("refused"):
            session = _inlining(session)
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if session is not None and "Refusing" in str(error):
                vars(session)["refused"] = True
            raise


@breaks("STRICT-09")
class LooksAtTheOutermostCallOnly(Engine):
    """Decode a frame on strict sessions unless it is in the outermost call."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        found = find_frames(data)
        if session is not None and found and min(len(one.path) for one in found) > 3:
            session = _inlining(session)
        return super().from_bytes(data, session)


@breaks("STRICT-09")
class LetsFiltersThrough(Engine):
    """Decode the filter of an aggregate by name on strict sessions."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        names = [found.name for found in find_frames(data)]
        if session is not None and names == ["odd"] and b"sum_squares" in data:
            session = _inlining(session)
        return super().from_bytes(data, session)


class _Remembers(PatchedExpr):
    """An engine that caches decoded expressions by ``key``."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[Any, Expr] = {}

    def key(self, data: bytes, session: SessionContext) -> Any:
        raise NotImplementedError

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        key = self.key(data, resolve_session(session))
        if key not in self.known:
            expr = super().decode(data, session)
            if not find_frames(data):
                return expr
            self.known[key] = expr
        return self.known[key]


@breaks("STRICT-08", "STRICT-09", "STRICT-10", "STRICT-11", "STRICT-12")
class RemembersWhatWasDecoded(_Remembers):
    """Return a cached expression for bytes that any session decoded."""

    def key(self, data: bytes, session: SessionContext) -> Any:
        del session
        return data


@breaks("STRICT-10", "STRICT-12")
class RemembersWhatItsTwinDecoded(_Remembers):
    """Return a cached expression for bytes that a derived session decoded."""

    def key(self, data: bytes, session: SessionContext) -> Any:
        return session.session_id(), data


@breaks("STRICT-09", "STRICT-11")
class RegisteredStandsIn(Engine):
    """Resolve a refused frame by name."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if "Refusing" in str(error) and len(find_frames(data)) == 1:
                with suppress(RuntimeError):
                    return super().from_bytes(replace_frames(data, lambda _: None), session)
            raise


@breaks("STRICT-11")
class RegisteredWindowsStandInForPickledOnes(PatchedExpr):
    """Resolve a refused window in a pickle by name."""

    def read_pickle(self, data: bytes) -> Expr:
        if [family_of(found) for found in find_frames(data)] == ["window"] and not inlines(
            resolve_session(None)
        ):
            with suppress(RuntimeError):
                return super().read_pickle(replace_frames(data, lambda _: None))
        return super().read_pickle(data)


@breaks("STRICT-12")
class StrictIsLostOnceItWasOn(Engine):
    """Do not turn inlining off once it was turned on again."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        was_on = vars(session).get("was_on", False) or (enabled and not inlines(session))
        derived = super().with_inlining(session, enabled or was_on)
        vars(derived)["was_on"] = was_on
        return derived


@breaks("STRICT-12")
class StrictTwiceIsNotStrict(Engine):
    """Turn inlining on when it is turned off twice."""

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        return super().with_inlining(session, enabled or not inlines(session))
