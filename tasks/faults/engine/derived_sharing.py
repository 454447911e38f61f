"""Faults in what derived sessions share with their source."""

from __future__ import annotations

from typing import Any

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
class DeregisteredOnOneAlone(Derives):
    """Ignore deregistrations on sessions that the physical setter derives."""

    method = "with_physical_extension_codec"

    def deregister(self, session: SessionContext, function: Any) -> None:
        if not self.applies("expression", session):
            super().deregister(session, function)


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
class CopiesForgetStrict(_Copies):
    """Return a new, inlining session from copy.copy()."""

    hook = "__copy__"
