"""Faults of STRICT: strict sessions that check too late, too rarely or the wrong session."""

from __future__ import annotations

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import codec, sessions
from conformance.subjects.reference.errors import ExecutionError, Refusal
from conformance.subjects.reference.sessions import Session, Shared
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts

_ALL = tuple(f"STRICT-{number:02}" for number in range(1, 13))


class _Refuses(Parts):
    """A reference that raises ``error`` when it refuses an inline frame."""

    class Codec(codec.Codec):
        error: type[Refusal] = ExecutionError

        def check_allowed(self, family: Family, name: str, session: Session) -> None:
            try:
                super().check_allowed(family, name, session)
            except ExecutionError as error:
                raise self.error(str(error)) from None


@breaks("TOGGLE-01", "TOGGLE-04", "TOGGLE-08", "TOGGLE-11", "TOGGLE-12")
class FreshSessionsAreStrict(Parts):
    """Create new sessions with inlining off."""

    def session(self) -> sessions.Session:
        return super().session().derived(inlining=False)


class _Copies(Parts):
    """A reference whose toggle copies some of the state that sessions should share."""

    def copied(self, shared: Shared) -> Shared:
        raise NotImplementedError

    def with_inlining(self, session: sessions.Session, enabled: bool) -> sessions.Session:
        derived = super().with_inlining(session, enabled)
        derived.shared = self.copied(session.shared)
        return derived
