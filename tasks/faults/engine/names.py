"""Faults in comparing names and in reporting missing ones."""

from __future__ import annotations

import re
from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.faulty import Faulty
from tasks.faults.engine.patched_expr import WINDOW_TAG, find_frames
from tasks.faults.fault import breaks
from tasks.faults.rewords import CUT_NAMES

_MISSING = re.compile(r"provided for (\w+) function (.*)\"\)", re.DOTALL)


class _Answers(Engine):
    """An engine that resolves a missing name to another function."""

    def answers(self, wanted: str, name: str) -> bool:
        """Return whether the function ``name`` is taken for the missing ``wanted``."""
        return wanted == name

    def answers_kind(self, wanted: str, kind: str) -> bool:
        return wanted == kind

    def register(self, session: SessionContext, function: Any) -> None:
        super().register(session, function)
        kind = type(function).__name__.removesuffix("UDF").lower()
        vars(session).setdefault("functions", []).append((kind, function.name))

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if session is None or find_frames(data) or not (missing := _MISSING.search(str(error))):
                raise
            wanted = missing[2].replace('\\"', '"')
            for kind, name in vars(session).get("functions", ()):
                if self.answers_kind(missing[1], kind) and self.answers(wanted, name):
                    return Expr.column("a")
            raise


@breaks("BYNAME-06")
class OtherKindsAnswer(_Answers):
    """Resolve names to functions of another kind."""

    def answers_kind(self, wanted: str, kind: str) -> bool:
        return wanted != kind


@breaks("BYNAME-08")
class CaseDoesNotMatter(_Answers):
    """Resolve names without regard to case."""

    def answers(self, wanted: str, name: str) -> bool:
        return wanted.casefold() == name.casefold() and wanted != name


@breaks("BYNAME-08")
class LowerCaseWillDo(_Answers):
    """Resolve a name to a function whose name is the same in lower case."""

    def answers(self, wanted: str, name: str) -> bool:
        return wanted.lower() == name != wanted


@breaks("BYNAME-06")
class WindowsAnswerForAggregates(_Answers):
    """Resolve an aggregate UDF that is called over a window to a window UDF."""

    def answers_kind(self, wanted: str, kind: str) -> bool:
        return (wanted, kind) == ("aggregate", "window")

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        if data.startswith(WINDOW_TAG):
            return super().from_bytes(data, session)
        return Engine.from_bytes(self, data, session)


_MISSED = ("BYNAME-04", "BYNAME-05", "BYNAME-06", "BYNAME-08", "BYNAME-09", "BYNAME-11")


@breaks(*_MISSED)
class MissingNamesAreColumns(Engine):
    """Resolve a missing name to a column."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if find_frames(data) or not _MISSING.search(str(error)):
                raise
            return Expr.column("a")


@breaks("BYNAME-05", "BYNAME-11")
class MissingErrorLostTheName(Faulty):
    """Omit the name from the error for a missing function."""

    rewords = [(r" function .*\"\)", ' function")')]


@breaks("BYNAME-05")
class MissingErrorCutsLongNames(Faulty):
    """Cut the name in the error for a missing function after 64 letters."""

    rewords = CUT_NAMES
