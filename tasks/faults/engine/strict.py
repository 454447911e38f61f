"""Faults in the refusals of strict sessions."""

from __future__ import annotations

import re
from contextlib import suppress

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.faulty import Faulty
from tasks.faults.engine.patched_expr import (
    WINDOW_TAG,
    PatchedExpr,
    RewordsRefusals,
    family_of,
    find_frames,
    inlines,
    replace_frames,
    resolve_session,
)
from tasks.faults.fault import breaks
from tasks.faults.rewords import CUT_NAMES


@breaks("STRICT-02", "STRICT-05")
class RefusalLostTheName(Faulty):
    """Omit the name of the UDF from refusals."""

    def reword(self, message: str) -> str:
        named = re.search(r" UDF '([^']*)'", message)
        return message.replace(f"'{named[1]}'", "'?'") if named else message


@breaks("STRICT-01")
class RefusalsAreFormatted(Faulty):
    """Format the text of a refusal, which fails where a name has a percent sign."""

    def reword(self, message: str) -> str:
        return message % ()


@breaks("STRICT-02")
class RefusalsCutLongNames(Faulty):
    """Cut the name of a UDF in refusals after 64 letters."""

    rewords = CUT_NAMES


@breaks("STRICT-03")
class AggregatesOverWindowsAreWindows(Faulty):
    """Call an aggregate UDF a window UDF in refusals where it is called over a window."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if not data.startswith(WINDOW_TAG):
                raise
            raise RuntimeError(str(error).replace("aggregate UDF", "window UDF")) from None


@breaks("STRICT-06")
class RefusalLostTheReceiversRemedy(Faulty):
    """Omit the receiver's remedy from refusals."""

    rewords = [("enable inlining on this receiver", "give up")]


@breaks("STRICT-04")
class RefusalLostTheReason(RewordsRefusals):
    """Omit the reason from refusals."""

    rewords = [("Python UDF inlining is disabled on this session", "not here")]


@breaks("STRICT-05")
class RefusalLostTheSendersRemedy(RewordsRefusals):
    """Omit the sender's remedy from refusals."""

    rewords = [(r"\(1\).*?; or ", "")]


@breaks("STRICT-06")
class RefusalLostTheRisk(RewordsRefusals):
    """Omit the risk from refusals."""

    rewords = [(r" \(accepts [^)]*\)", "")]


def _inlining(session: SessionContext | None) -> SessionContext:
    return resolve_session(session).with_python_udf_inlining(enabled=True)


_ALL = tuple(f"STRICT-{number:02}" for number in range(1, 13))


@breaks(*_ALL)
class StrictDecodesAfterAll(PatchedExpr):
    """Decode frames on strict sessions."""

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        return super().decode(data, _inlining(session))


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


@breaks("STRICT-10")
class AMissingNameTurnsOn(PatchedExpr):
    """Decode the next frame on a strict session that could not resolve a name."""

    missed = False

    def decode(self, data: bytes, session: SessionContext | None) -> Expr:
        if self.missed and find_frames(data):
            session = resolve_session(session).with_python_udf_inlining(enabled=True)
        try:
            expr = super().decode(data, session)
        except RuntimeError:
            self.missed = not find_frames(data)
            raise
        self.missed = False
        return expr
