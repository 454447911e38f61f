"""Engines whose toggle does something else."""

from __future__ import annotations

from datafusion import SessionContext

from conformance.faults.engine.wrapped import Faulty
from conformance.faults.fault import breaks


@breaks("TOGGLE-04", "TOGGLE-09", "TOGGLE-10", "TOGGLE-11", "TOGGLE-12", "TOGGLE-14")
class ToggleDoesNothing(Faulty):
    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        del enabled
        return session.with_python_udf_inlining(enabled=True)


@breaks("TOGGLE-05", "TOGGLE-06", "TOGGLE-07", "TOGGLE-14")
class ToggleForgetsTables(Faulty):
    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        del session
        return SessionContext().with_python_udf_inlining(enabled=enabled)
