"""Faults of TOGGLE: sessions that begin with a wrong setting."""

from __future__ import annotations

from conformance.subjects.reference import sessions
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("TOGGLE-01", "TOGGLE-04", "TOGGLE-08", "TOGGLE-11", "TOGGLE-12")
class FreshSessionsAreStrict(Parts):
    """Create new sessions with inlining off."""

    def session(self) -> sessions.Session:
        return super().session().derived(inlining=False)
