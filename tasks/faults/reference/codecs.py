"""Faults of CODEC: strict sessions that extension codecs make less strict."""

from __future__ import annotations

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import chain, definitions, envelopes
from conformance.subjects.reference.errors import ExecutionError, PlanError
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.sessions import Session
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("CODEC-01", "CODEC-07", "CODEC-09")
class CodecsAreAsStrictAsTheyAre(Parts):
    """Let a strict session's codec inline if it does so itself, as released engines do."""

    class Chain(chain.Chain):
        def restrict_codec(self, codec: Session, session: Session) -> Session:
            del session
            return codec


@breaks("CODEC-16")
class CodecsNamesCount(Parts):
    """Resolve a name from a codec's registrations if the session itself lacks it."""

    class Definitions(definitions.Definitions):
        def by_name(
            self, family: Family, name: str, mark: int, session: Session
        ) -> Function | Builtin:
            try:
                return super().by_name(family, name, mark, session)
            except ExecutionError:
                for one in session.codecs["logical"]:
                    return super().by_name(family, name, mark, one.session)
                raise


@breaks("CHAIN-26", "CHAIN-27")
class SlicesDoNotComplain(Parts):
    """Accept a codec id that is shorter than its declared length."""

    class Chain(chain.Chain):
        class Envelopes(envelopes.Envelopes):
            def check_there(self, data: bytes, size: int, missing: str) -> None:
                if "declared length" not in missing:
                    super().check_there(data, size, missing)

        envelopes_class = Envelopes


@breaks("CHAIN-31")
class CutEnvelopesAreOfPlanning(Parts):
    """Raise a planning error for a truncated envelope."""

    class Chain(chain.Chain):
        class Envelopes(envelopes.Envelopes):
            def check_there(self, data: bytes, size: int, missing: str) -> None:
                if len(data) < size:
                    raise PlanError(self.texts.envelope_truncated(missing))

        envelopes_class = Envelopes
