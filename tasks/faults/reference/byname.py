"""References whose registry answers otherwise."""

from __future__ import annotations

import unicodedata
from typing import Any

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import definitions, registry, texts
from conformance.subjects.reference.errors import ExecutionError, Refusal
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.sessions import Session
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("BYNAME-07")
class BuiltinsAnswerForUdfs(Parts):
    class Definitions(definitions.Definitions):
        def by_name(
            self, family: Family, name: str, mark: int, session: Session
        ) -> Function | Builtin:
            return super().by_name(family, name, 0 if mark == self.python else mark, session)


@breaks("BYNAME-07")
class BuiltinsAnswerForWindowsOnStrictSessions(Parts):
    class Definitions(definitions.Definitions):
        def by_name(
            self, family: Family, name: str, mark: int, session: Session
        ) -> Function | Builtin:
            forgets = family == "window" and not session.inlining
            return super().by_name(family, name, 0 if forgets else mark, session)


class _Resolves(Parts):
    """By-name references of UDFs go through ``resolves``."""

    class Definitions(definitions.Definitions):
        def by_name(
            self, family: Family, name: str, mark: int, session: Session
        ) -> Function | Builtin:
            self.check(family, name, session)
            return super().by_name(family, name, mark, session)

        def check(self, family: Family, name: str, session: Session) -> None:
            raise NotImplementedError


_KNOWN = ("BYNAME-03", "BYNAME-09", "BYNAME-10")


@breaks("BYNAME-01", "BYNAME-08", "BYNAME-11", *_KNOWN)
class StrictKnowsNoAggregates(_Resolves):
    class Definitions(_Resolves.Definitions):
        def check(self, family: Family, name: str, session: Session) -> None:
            if family == "aggregate" and not session.inlining:
                raise ExecutionError(self.subject.texts.unresolved(family, name))


@breaks("BYNAME-02", *_KNOWN)
class InliningKnowsNoWindows(_Resolves):
    class Definitions(_Resolves.Definitions):
        def check(self, family: Family, name: str, session: Session) -> None:
            if family == "window" and session.inlining:
                raise ExecutionError(self.subject.texts.unresolved(family, name))


@breaks("BYNAME-03", "BYNAME-04", "BYNAME-06", "BYNAME-07", "BYNAME-11")
class OneRegistryForAllSessions(Parts):
    class Registry(registry.Registry):
        everything: dict[tuple[Family, str], Function] = {}  # the process has one

        def __init__(self, texts_: texts.Texts) -> None:
            super().__init__(texts_)
            self.functions = self.everything


@breaks("BYNAME-01", "BYNAME-02", "BYNAME-03", "BYNAME-10")
class ResolvesANameOnceForAll(Parts):
    class Definitions(definitions.Definitions):
        known: dict[tuple[Family, str], Function | Builtin] = {}  # for the process

        def by_name(
            self, family: Family, name: str, mark: int, session: Session
        ) -> Function | Builtin:
            found = super().by_name(family, name, mark, session)
            return self.known.setdefault((family, name), found)


class _Looks(Parts):
    """A UDF that is missing may be there as another one."""

    class Registry(registry.Registry):
        def python(self, family: Family, name: str) -> Function:
            try:
                return super().python(family, name)
            except Refusal:
                for (kind, other), function in self.functions.items():
                    if self.like(family, name, kind, other):
                        return function
                raise

        def like(self, family: Family, name: str, kind: Family, other: str) -> bool:
            raise NotImplementedError


@breaks("BYNAME-06", "BYNAME-11")
class NamesOfAllKindsAreOne(_Looks):
    class Registry(_Looks.Registry):
        def like(self, family: Family, name: str, kind: Family, other: str) -> bool:
            return (family, kind) == ("window", "aggregate") and name == other


@breaks("BYNAME-08")
class NamesAreCompatible(_Looks):
    """Compare names in one normal form and one case."""

    class Registry(_Looks.Registry):
        def like(self, family: Family, name: str, kind: Family, other: str) -> bool:
            forms = {unicodedata.normalize("NFKC", one) for one in (name, other)}
            return family == kind and len(forms) == 1


@breaks("BYNAME-08")
class NamesOfOtherCaseAnswerBeyondAscii(_Looks):
    class Registry(_Looks.Registry):
        def like(self, family: Family, name: str, kind: Family, other: str) -> bool:
            return family == kind and not name.isascii() and name.lower() == other.lower()


@breaks(
    "BYNAME-04",
    "BYNAME-05",
    "BYNAME-06",
    "BYNAME-07",
    "BYNAME-08",
    "BYNAME-09",
    "BYNAME-11",
)
class TheMissingNameIsNotSaid(Parts):
    class Texts(texts.Texts):
        def unresolved(self, family: Family, name: str) -> str:
            return super().unresolved(family, "?" * len(name))


@breaks(
    "BYNAME-04",
    "BYNAME-05",
    "BYNAME-06",
    "BYNAME-07",
    "BYNAME-08",
    "BYNAME-09",
    "BYNAME-11",
)
class MissingNamesAreTakenForBuiltins(Parts):
    """Decode a missing function, and fail when it runs."""

    class Registry(registry.Registry):
        def python(self, family: Family, name: str) -> Function:
            return self.functions.get((family, name)) or self.nothing(family, name)

        def nothing(self, family: Family, name: str) -> Any:
            return Builtin(family, name)


@breaks("BYNAME-09")
class DeregisteredByNameAlone(Parts):
    """Deregister the scalar function of a name only."""

    class Registry(registry.Registry):
        def deregister(self, function: Function | Builtin) -> None:
            self.functions.pop(("scalar", function.name), None)


@breaks("BYNAME-10")
class DecodedFunctionsAreThoseOfNow(Parts):
    class Registry(registry.Registry):
        def register(self, function: Function | Builtin) -> None:
            old = self.functions.get((function.family, function.name))
            if old is not None and isinstance(function, Function):
                object.__setattr__(old, "implementation", function.implementation)
            super().register(function)


@breaks("BYNAME-11")
class FiltersResolveAnything(Parts):
    class Registry(registry.Registry):
        def python(self, family: Family, name: str) -> Any:
            known = (family, name) in self.functions or name != "odd"
            return super().python(family, name) if known else Builtin(family, name)
