"""Faults of BYNAME: names that resolve to a wrong function, or not at all."""

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
    """Resolve a by-name UDF to a built-in function if no UDF has that name."""

    class Definitions(definitions.Definitions):
        def by_name(
            self, family: Family, name: str, mark: int, session: Session
        ) -> Function | Builtin:
            return super().by_name(family, name, 0 if mark == self.python else mark, session)


@breaks("BYNAME-07")
class BuiltinsAnswerForWindowsOnStrictSessions(Parts):
    """Resolve a by-name window UDF to a built-in function on a strict session."""

    class Definitions(definitions.Definitions):
        def by_name(
            self, family: Family, name: str, mark: int, session: Session
        ) -> Function | Builtin:
            forgets = family == "window" and not session.inlining
            return super().by_name(family, name, 0 if forgets else mark, session)


class _Resolves(Parts):
    """A reference that can refuse a by-name reference in ``check``."""

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
    """Refuse every by-name aggregate function on a strict session."""

    class Definitions(_Resolves.Definitions):
        def check(self, family: Family, name: str, session: Session) -> None:
            if family == "aggregate" and not session.inlining:
                raise ExecutionError(self.subject.texts.unresolved(family, name))


@breaks("BYNAME-02", *_KNOWN)
class InliningKnowsNoWindows(_Resolves):
    """Refuse every by-name window function on an inlining session."""

    class Definitions(_Resolves.Definitions):
        def check(self, family: Family, name: str, session: Session) -> None:
            if family == "window" and session.inlining:
                raise ExecutionError(self.subject.texts.unresolved(family, name))


@breaks("BYNAME-03", "BYNAME-04", "BYNAME-06", "BYNAME-07", "BYNAME-11")
class OneRegistryForAllSessions(Parts):
    """Share one registry between all sessions of the process."""

    class Registry(registry.Registry):
        everything: dict[tuple[Family, str], Function] = {}  # the process has one

        def __init__(self, texts_: texts.Texts) -> None:
            super().__init__(texts_)
            self.functions = self.everything


@breaks("BYNAME-01", "BYNAME-02", "BYNAME-03", "BYNAME-10")
class ResolvesANameOnceForAll(Parts):
    """Cache the function of a name for the process, whichever session decodes next."""

    class Definitions(definitions.Definitions):
        known: dict[tuple[Family, str], Function | Builtin] = {}  # for the process

        def by_name(
            self, family: Family, name: str, mark: int, session: Session
        ) -> Function | Builtin:
            found = super().by_name(family, name, mark, session)
            return self.known.setdefault((family, name), found)


class _Looks(Parts):
    """A reference that looks for a missing name among other UDFs, which ``like`` selects."""

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
    """Resolve a by-name window UDF to an aggregate UDF of the same name."""

    class Registry(_Looks.Registry):
        def like(self, family: Family, name: str, kind: Family, other: str) -> bool:
            return (family, kind) == ("window", "aggregate") and name == other


@breaks("BYNAME-08")
class NamesAreCompatible(_Looks):
    """Compare names after Unicode NFKC normalization."""

    class Registry(_Looks.Registry):
        def like(self, family: Family, name: str, kind: Family, other: str) -> bool:
            forms = {unicodedata.normalize("NFKC", one) for one in (name, other)}
            return family == kind and len(forms) == 1


@breaks("BYNAME-08")
class NamesOfOtherCaseAnswerBeyondAscii(_Looks):
    """Ignore the case of names with characters beyond ASCII."""

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
class MissingNamesAreHidden(Parts):
    """Leave the name of a missing UDF out of the error."""

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
    """Accept the name of a UDF that is not registered, and fail only when it runs."""

    class Registry(registry.Registry):
        def python(self, family: Family, name: str) -> Function:
            return self.functions.get((family, name)) or self.nothing(family, name)

        def nothing(self, family: Family, name: str) -> Any:
            return Builtin(family, name)


@breaks("BYNAME-09")
class DeregisteredByNameAlone(Parts):
    """Deregister the scalar UDF of a name, whichever kind is to be deregistered."""

    class Registry(registry.Registry):
        def deregister(self, function: Function | Builtin) -> None:
            self.functions.pop(("scalar", function.name), None)


@breaks("BYNAME-10")
class DecodedFunctionsAreThoseOfNow(Parts):
    """Change a decoded function when another one is registered under its name."""

    class Registry(registry.Registry):
        def register(self, function: Function | Builtin) -> None:
            old = self.functions.get((function.family, function.name))
            if old is not None and isinstance(function, Function):
                object.__setattr__(old, "implementation", function.implementation)
            super().register(function)


@breaks("BYNAME-11")
class FiltersResolveAnything(Parts):
    """Accept the name of a filter's UDF that is not registered."""

    class Registry(registry.Registry):
        def python(self, family: Family, name: str) -> Any:
            known = (family, name) in self.functions or name != "odd"
            return super().python(family, name) if known else Builtin(family, name)
