"""Faults in comparing names and in reporting missing ones."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from datafusion import Expr, SessionContext

from conformance.subjects.engine import Engine
from tasks.faults.engine.faulty import Faulty
from tasks.faults.engine.patched_expr import find_frames
from tasks.faults.fault import breaks

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
class KindsDoNotMatter(_Answers):
    """Resolve a name to a function of any other kind."""

    def answers_kind(self, wanted: str, kind: str) -> bool:
        return wanted != kind


@breaks("BYNAME-06")
class AggregatesAnswerForWindows(_Answers):
    """Resolve a window function's name to an aggregate function."""

    def answers_kind(self, wanted: str, kind: str) -> bool:
        return (wanted, kind) == ("window", "aggregate")


@breaks("BYNAME-08")
class CaseDoesNotMatter(_Answers):
    """Resolve names without regard to case."""

    def answers(self, wanted: str, name: str) -> bool:
        return wanted.casefold() == name.casefold() and wanted != name


@breaks("BYNAME-08")
class SpacesAreStripped(_Answers):
    """Strip whitespace from names."""

    def answers(self, wanted: str, name: str) -> bool:
        return wanted.strip() == name.strip() and wanted != name


@breaks("BYNAME-08")
class QuotesAreDropped(_Answers):
    """Strip quotation marks from names."""

    def answers(self, wanted: str, name: str) -> bool:
        return wanted.strip('"') == name.strip('"') and wanted != name


@breaks("BYNAME-08")
class NamesAreNormalised(_Answers):
    """Normalise names to Unicode NFC."""

    def answers(self, wanted: str, name: str) -> bool:
        forms = {unicodedata.normalize("NFC", one) for one in (wanted, name)}
        return len(forms) == 1 and wanted != name


@breaks("BYNAME-08")
class NamesAreCutAt63(_Answers):
    """Compare only the first 63 characters of names."""

    def answers(self, wanted: str, name: str) -> bool:
        return wanted[:63] == name[:63] and wanted != name


@breaks("BYNAME-08")
class QualifiersAreDropped(_Answers):
    """Ignore what precedes the last dot of a name."""

    def answers(self, wanted: str, name: str) -> bool:
        return wanted.rpartition(".")[2] == name and wanted != name


@breaks("BYNAME-08")
class NamesEndAtTheFirstNull(_Answers):
    """Compare names up to the first null character."""

    def answers(self, wanted: str, name: str) -> bool:
        return wanted.partition("\0")[0] == name.partition("\0")[0] and wanted != name


_MISSED = ("BYNAME-04", "BYNAME-05", "BYNAME-06", "BYNAME-08", "BYNAME-09", "BYNAME-11")


class _Placeholder(Engine):
    """An engine that decodes calls of some missing functions as null."""

    def takes(self, data: bytes, name: str) -> bool:
        raise NotImplementedError

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            missing = _MISSING.search(str(error))
            if find_frames(data) or not missing or not self.takes(data, missing[2]):
                raise
            return Expr.literal(None)


@breaks(*_MISSED)
class MissingNamesAreNull(_Placeholder):
    """Decode a call of a missing function as null."""

    def takes(self, data: bytes, name: str) -> bool:
        del data, name
        return True


@breaks("BYNAME-11")
class MissingNamesInFiltersAreNull(_Placeholder):
    """Decode a missing function in an aggregate's filter as null."""

    def takes(self, data: bytes, name: str) -> bool:
        return name == "odd" and b"sum_squares" in data


@breaks("BYNAME-11")
class LaterMissingNamesAreNull(_Placeholder):
    """Decode a missing function as null unless it is the outermost call."""

    def takes(self, data: bytes, name: str) -> bool:
        return data.find(name.encode()) > 12


@breaks(*_MISSED)
class MissingErrorLostTheName(Faulty):
    """Omit the name from the error for a missing function."""

    rewords = [(r" function .*\"\)", ' function")')]


@breaks("BYNAME-04", "BYNAME-05", "BYNAME-08", "BYNAME-09", "BYNAME-11")
class MissingErrorLosesUnderscores(Faulty):
    """Replace underscores by spaces in errors."""

    rewords = [("_", " ")]
