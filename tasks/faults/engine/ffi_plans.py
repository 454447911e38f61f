"""Faults in plans with functions of FFI libraries."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from datafusion import SessionContext

from conformance.subjects.engine import Engine
from conformance.subjects.engine.plans import EnginePlans
from conformance.subjects.plans import Layer
from tasks.faults.fault import breaks


@breaks("FFI-07", "FFI-12")
class PlansResolveAnywhere(Engine):
    """Return the last written plan, with the functions of the sender's session."""

    def __init__(self) -> None:
        super().__init__()
        self.plans = _Anywhere()


class _Anywhere(EnginePlans):
    """Plans that are not decoded: the last written one is returned."""

    def to_bytes(self, plan: Any, session: Any | None = None) -> bytes:
        self.last = plan
        return super().to_bytes(plan, session)

    def from_bytes(self, *_: Any) -> Any:
        return self.last


@breaks("FFI-05", "FFI-06", "FFI-12", "FFI-13")
class StrictSessionsTakeNoPlans(Engine):
    """Refuse plans by name on strict sessions."""

    def __init__(self) -> None:
        super().__init__()
        self.strict: list[SessionContext] = []
        self.plans = _Inlining(self.strict)

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        derived = super().with_inlining(session, enabled)
        if not enabled:
            self.strict.append(derived)
        return derived


class _Inlining(EnginePlans):
    """Plans that strict sessions refuse."""

    def __init__(self, strict: list[SessionContext]) -> None:
        self.strict = strict

    def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Any:
        if session in self.strict:
            raise RuntimeError(f"no plan for a strict session: {data!r}")
        return super().from_bytes(layer, session, data)


@breaks("FFI-06", "FFI-13")
class PlansLoseARow(Engine):
    """Drop the first row of each result."""

    def __init__(self) -> None:
        super().__init__()
        self.plans = _Short()


class _Short(EnginePlans):
    """Plans whose results lack the first row."""

    def execute(self, session: SessionContext, plan: Any) -> pa.Table:
        return super().execute(session, plan)[1:]
