"""Faults of BYNAME: names that resolve to a wrong function, or not at all."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import decoder, definitions
from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.protobuf import Message
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


@breaks("FFI-14")
class AliasesAreNames(Parts):
    """Resolve a by-name UDF to the function that has its name as an alias."""

    class Definitions(definitions.Definitions):
        aliases: Mapping[str, str] = {"pow": "abs", "mean": "sum"}

        def by_name(
            self, family: Family, name: str, mark: int, session: Session
        ) -> Function | Builtin:
            if name in self.aliases:
                return session.shared.registry.builtin(family, self.aliases[name])
            return super().by_name(family, name, mark, session)


@breaks("BYNAME-02")
class NamesComeFromFramesBeside(Parts):
    """Resolve a name to the inline UDF that the same message called before it."""

    class Decoder(decoder.Decoder):
        def function(
            self, family: Family, name: str, message: Message, field: int
        ) -> Function | Builtin:
            known: dict[tuple[Family, str], Function | Builtin]
            known = vars(self).setdefault("known", {})
            if message.data(field) is None and (family, name) in known:
                return known[family, name]
            known[family, name] = super().function(family, name, message, field)
            return known[family, name]
