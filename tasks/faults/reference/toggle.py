"""Faults of TOGGLE: a wrong toggle, or sessions that share too little or too much."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.catalogue.nodes import Family
from conformance.subjects.reference import codec, registry, sessions
from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.functions import Function
from conformance.subjects.reference.sessions import Shared
from tasks.faults.fault import breaks
from tasks.faults.reference.parts import Parts


@breaks("TOGGLE-01", "TOGGLE-04", "TOGGLE-08", "TOGGLE-11", "TOGGLE-12")
class FreshSessionsAreStrict(Parts):
    """Create new sessions with inlining off."""

    def session(self) -> sessions.Session:
        return super().session().derived(inlining=False)


@breaks("TOGGLE-02")
class TheArgumentIsPositional(Parts):
    """Accept ``enabled`` by position."""

    class Session(sessions.Session):
        def with_python_udf_inlining(self, enabled: bool) -> sessions.Session:
            return self.derived(inlining=enabled)


@breaks("TOGGLE-03")
class TheArgumentHasADefault(Parts):
    """Accept a call without ``enabled``."""

    class Session(sessions.Session):
        def with_python_udf_inlining(self, *, enabled: bool = True) -> sessions.Session:
            return self.derived(inlining=enabled)


@breaks("TOGGLE-04")
class TheSessionItselfIsToggled(Parts):
    """Change the setting of the session on which the toggle is called."""

    class Session(sessions.Session):
        def with_python_udf_inlining(self, *, enabled: bool) -> sessions.Session:
            self.inlining = enabled
            return self.derived()


class _Copies(Parts):
    """A reference whose toggle copies some of the state that sessions should share."""

    def copied(self, shared: Shared) -> Shared:
        raise NotImplementedError

    def with_inlining(self, session: sessions.Session, enabled: bool) -> sessions.Session:
        derived = super().with_inlining(session, enabled)
        derived.shared = self.copied(session.shared)
        return derived


@breaks("TOGGLE-05", "TOGGLE-14")
class FunctionsAreCopied(_Copies):
    """Copy the UDF registrations instead of sharing them."""

    def copied(self, shared: Shared) -> Shared:
        functions = registry.Registry(self.texts)
        functions.functions.update(shared.registry.functions)
        return replace(shared, registry=functions)


@breaks("TOGGLE-06")
class TablesAreCopied(_Copies):
    """Copy the tables instead of sharing them."""

    def copied(self, shared: Shared) -> Shared:
        return replace(shared, tables=dict(shared.tables))


@breaks("TOGGLE-07")
class OptionsAreCopied(_Copies):
    """Copy the configuration instead of sharing it."""

    def copied(self, shared: Shared) -> Shared:
        return replace(shared, options=dict(shared.options))


@breaks("TOGGLE-14")
class DeregistersAnUnsharedEntry(Parts):
    """Deregister a UDF only on the session on which the call is made."""

    def deregister(self, session: sessions.Session, function: Any) -> None:
        vars(session).setdefault("gone", set()).add(function.name)

    def from_bytes(self, data: bytes, session: sessions.Session | None = None) -> Any:
        for name in vars(session).get("gone", ()) if session else ():
            if name.encode() in data:
                raise ExecutionError(self.texts.unresolved("scalar", name))
        return super().from_bytes(data, session)


class _StrictWrites(Parts):
    """A reference whose strict sessions write what ``strictly`` returns."""

    class Codec(codec.Codec):
        def write(self, function: Function, session: sessions.Session) -> bytes | None:
            if session.inlining:
                return super().write(function, session)
            return self.strictly(function)

        def strictly(self, function: Function) -> bytes | None:
            raise NotImplementedError


@breaks(
    "TOGGLE-04",
    "TOGGLE-05",
    "TOGGLE-09",
    "TOGGLE-10",
    "TOGGLE-11",
    "TOGGLE-12",
    "TOGGLE-13",
    "TOGGLE-14",
)
class StrictWritesWindowsInline(_StrictWrites):
    """Write window UDFs inline on a strict session."""

    class Codec(_StrictWrites.Codec):
        def strictly(self, function: Function) -> bytes | None:
            return self.write_frame(function) if function.family == "window" else None


@breaks("TOGGLE-13")
class StrictPicklesAndForgets(_StrictWrites):
    """Pickle the callable on a strict session, and discard the bytes."""

    class Codec(_StrictWrites.Codec):
        def strictly(self, function: Function) -> bytes | None:
            self.write_payload(function)
            return None


@breaks("TOGGLE-10")
class StrictWritesTheModuleOfWindows(_StrictWrites):
    """Write the module name of a window callable on a strict session."""

    class Codec(_StrictWrites.Codec):
        def strictly(self, function: Function) -> bytes | None:
            module = function.implementation.__module__
            return module.encode() if function.family == "window" else None


@breaks("TOGGLE-04", "TOGGLE-08", "TOGGLE-11", "TOGGLE-12")
class LastToggleCountsForAllWhoWrite(Parts):
    """Encode with the latest setting of any session in the process."""

    def with_inlining(self, session: sessions.Session, enabled: bool) -> sessions.Session:
        self.last = enabled
        return super().with_inlining(session, enabled)

    class Codec(codec.Codec):
        def write(self, function: Function, session: sessions.Session) -> bytes | None:
            inlining = getattr(self.subject, "last", True)
            return super().write(function, session.derived(inlining=inlining))


@breaks("TOGGLE-04")
class OneStrictReaderMakesAllStrict(Parts):
    """Make a session strict when a session that shares its state was strict on decode."""

    class Codec(codec.Codec):
        def check_allowed(self, family: Family, name: str, session: sessions.Session) -> None:
            options = session.shared.options
            options["strict"] = options.get("strict", 0) or not session.inlining
            super().check_allowed(family, name, session.derived(inlining=not options["strict"]))
