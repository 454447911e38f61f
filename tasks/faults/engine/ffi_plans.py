"""Engines whose plans lose functions from outside, on both layers or on one."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from datafusion import ExecutionPlan, SessionContext

from conformance.subjects.engine import Engine
from conformance.subjects.engine.plans import EnginePlans
from conformance.subjects.plans import Layer
from tasks.faults.fault import breaks


@breaks("FFI-07", "FFI-12")
class PlansResolveAnywhere(Engine):
    """A plan takes its functions from the session that made it."""

    def __init__(self) -> None:
        super().__init__()
        self.plans = _Anywhere()


class _Anywhere(EnginePlans):
    def to_bytes(self, plan: Any, session: Any | None = None) -> bytes:
        self.last = plan
        return super().to_bytes(plan, session)

    def from_bytes(self, *_: Any) -> Any:
        return self.last


@breaks("FFI-05")
class PlansShowNothing(Engine):
    def __init__(self) -> None:
        super().__init__()
        self.plans = _Silent()


class _Silent(EnginePlans):
    def display(self, plan: Any) -> str:
        return str(type(plan))


@breaks("FFI-05")
class PhysicalPlansShowNothing(Engine):
    def __init__(self) -> None:
        super().__init__()
        self.plans = _SilentBelow()


class _SilentBelow(EnginePlans):
    def display(self, plan: Any) -> str:
        return "" if isinstance(plan, ExecutionPlan) else super().display(plan)


@breaks("FFI-05", "FFI-06", "FFI-12", "FFI-13")
class StrictSessionsTakeNoPlans(Engine):
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
    def __init__(self, strict: list[SessionContext]) -> None:
        self.strict = strict

    def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Any:
        if session in self.strict:
            raise RuntimeError(f"no plan for a strict session: {data!r}")
        return super().from_bytes(layer, session, data)


@breaks("FFI-06", "FFI-13")
class PlansLoseARow(Engine):
    def __init__(self) -> None:
        super().__init__()
        self.plans = _Short()


class _Short(EnginePlans):
    def execute(self, session: SessionContext, plan: Any) -> pa.Table:
        return super().execute(session, plan)[1:]


@breaks("FFI-07", "FFI-12")
class PhysicalPlansMissWithoutAName(Engine):
    def __init__(self) -> None:
        super().__init__()
        self.plans = _Nameless()


class _Nameless(EnginePlans):
    def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Any:
        try:
            return super().from_bytes(layer, session, data)
        except Exception:
            if layer == "logical":
                raise
            raise RuntimeError("cannot decode the plan") from None
