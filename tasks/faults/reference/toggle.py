"""Faults of TOGGLE: sessions that begin with a wrong setting."""

from __future__ import annotations

import copy

from conformance.subjects.reference import sessions
from conformance.subjects.reference.functions import Builtin, Function
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("TOGGLE-01", "TOGGLE-04", "TOGGLE-08", "TOGGLE-11", "TOGGLE-12")
class FreshSessionsAreStrict(Parts):
    """Create new sessions with inlining off."""

    def session(self) -> sessions.Session:
        return super().session().derived(inlining=False)


@breaks("TOGGLE-05")
class ReplacementsAreNotShared(Parts):
    """Replace a registered UDF on a derived session for that session only."""

    def register(self, session: sessions.Session, function: Function | Builtin) -> None:
        registry = session.shared.registry
        known = registry.functions.get((function.family, function.name))
        if known is not None and known is not function:
            session.shared = copy.copy(session.shared)
            session.shared.registry = copy.copy(registry)
            session.shared.registry.functions = dict(registry.functions)
        super().register(session, function)


@breaks("TOGGLE-06")
class SecondTogglesCopyTables(Parts):
    """Give a session that was toggled twice the tables of that moment."""

    def with_inlining(self, session: sessions.Session, enabled: bool) -> sessions.Session:
        toggled = super().with_inlining(session, enabled)
        if hasattr(session, "toggled"):
            toggled.shared = copy.copy(session.shared)
            toggled.shared.tables = dict(session.shared.tables)
        vars(toggled)["toggled"] = True
        return toggled
