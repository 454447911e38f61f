"""Faults in what derived sessions share with their source."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from datafusion import SessionContext

from tasks.faults.engine.derived_strictness import Derives
from tasks.faults.engine.faulty_at import FaultyAt, find_frames, is_strict
from tasks.faults.fault import breaks


@breaks("DERIVED-09")
class UrlTablesForgetRegistrations(Derives):
    """Discard registrations when enable_url_table() derives a strict session."""

    method = "enable_url_table"

    def change_derived(self, source: SessionContext, derived: SessionContext) -> SessionContext:
        new = SessionContext().with_python_udf_inlining(enabled=False)
        return new if is_strict(source) else derived


@breaks("DERIVED-09", "DERIVED-10")
class SettersForgetWindows(Derives):
    """Discard registered windows in sessions that the logical setter derives."""

    method = "with_logical_extension_codec"

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        windows = data.startswith(b"\x92\x01") and not find_frames(data)  # the tag of a window call
        lost = windows and self.applies(artifact, session)
        return super().read(artifact, data, SessionContext() if lost else session)


@breaks("DERIVED-10")
class LaterRegistrationsAreTheSourcesOwn(Derives):
    """Hide functions registered on a source from sessions derived before."""

    method = "with_extensions"

    def __init__(self) -> None:
        super().__init__()
        self.later: list[Any] = []
        self.children: dict[int, SessionContext] = {}

    def change_derived(self, source: SessionContext, derived: SessionContext) -> SessionContext:
        self.children[id(source)] = derived
        return derived

    def register(self, session: SessionContext, function: Any) -> None:
        super().register(session, function)
        if id(session) in self.children:
            self.later.append(self.children[id(session)])

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        hidden = any(session is one for one in self.later) and not find_frames(data)
        return super().read(artifact, data, SessionContext() if hidden else session)


@breaks("DERIVED-10")
class DeregisteredOnOneAlone(Derives):
    """Ignore deregistrations on sessions that the physical setter derives."""

    method = "with_physical_extension_codec"

    def deregister(self, session: SessionContext, function: Any) -> None:
        if not self.applies("expression", session):
            super().deregister(session, function)


@breaks("DERIVED-10")
class TablesOfTheirOwn(Derives):
    """Hide the source's tables from sessions that with_extensions() derives."""

    method = "with_extensions"

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, SessionContext] = {}

    def add_table(self, session: SessionContext, name: str, batch: pa.RecordBatch) -> None:
        super().add_table(session, name, batch)
        self.tables[name] = session

    def has_table(self, session: SessionContext, name: str) -> bool:
        derived = self.applies("expression", session)
        return super().has_table(session, name) and not (derived and self.tables[name] != session)


class _Global(Derives):
    """An engine that records that ``method`` was called."""

    called = False

    def change_derived(self, source: SessionContext, derived: SessionContext) -> SessionContext:
        del source
        self.called = True
        return derived


@breaks("DERIVED-11")
class BundlesTurnTheGlobalSessionOff(_Global):
    """Make the global session strict once with_extensions() was called."""

    method = "with_extensions"

    def global_session(self) -> SessionContext:
        session = super().global_session()
        return self.with_inlining(session, False) if self.called else session


@breaks("DERIVED-11")
class SettersTurnTheDefaultOff(_Global):
    """Decode strictly without a session once the physical setter was called."""

    method = "with_physical_extension_codec"

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if session is None and self.called:
            session = self.with_inlining(self.session(), False)
        return super().read(artifact, data, session)


class _Copies(FaultyAt):
    """An engine on which ``hook``, a copying method of sessions, returns a new session."""

    hook: str

    def __init__(self) -> None:
        super().__init__()

        def copied(session: SessionContext, *_: Any) -> SessionContext:
            del session
            return SessionContext()

        setattr(SessionContext, self.hook, copied)


@breaks("DERIVED-12")
class DeepCopiesForgetStrict(_Copies):
    """Return a new, inlining session from copy.deepcopy()."""

    hook = "__deepcopy__"


@breaks("DERIVED-12")
class CopiesForgetStrict(_Copies):
    """Return a new, inlining session from copy.copy()."""

    hook = "__copy__"


@breaks("DERIVED-12")
class PicklesOfSessionsForgetStrict(FaultyAt):
    """Unpickle every session as a new, inlining one."""

    def __init__(self) -> None:
        super().__init__()
        SessionContext.__reduce__ = lambda _: (SessionContext, ())  # type: ignore[method-assign, assignment]
        SessionContext.__copy__ = _refuse  # type: ignore[attr-defined]
        SessionContext.__deepcopy__ = _refuse  # type: ignore[attr-defined]


def _refuse(session: SessionContext, *_: Any) -> SessionContext:
    raise TypeError(f"cannot copy {session}")
