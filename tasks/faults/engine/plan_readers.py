"""Engines whose plans read otherwise after a trip, by older names, or out of other bytes."""

from __future__ import annotations

import os
import warnings
from typing import Any

import cloudpickle
from datafusion import ExecutionPlan, SessionContext

from conformance.subjects.engine.plans import Plan
from conformance.subjects.plans import Layer
from tasks.faults.engine.leveled import (
    STRICT,
    Leveled,
    LeveledPlans,
    Logical,
    Physical,
    Planned,
    frames,
)
from tasks.faults.fault import breaks


class _Text(Planned):
    class Plans(LeveledPlans):
        def __init__(self, engine: Leveled) -> None:
            super().__init__(engine)
            self.came: list[Plan] = []

        def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
            self.came.append(super().from_bytes(layer, session, data))
            return self.came[-1]

        def display(self, plan: Plan) -> str:
            text = super().display(plan)
            return self.told(text) if any(plan is other for other in self.came) else text

        def told(self, text: str) -> str:
            raise NotImplementedError


@breaks("PLAN-30")
class AliasesAreLost(_Text):
    class Plans(_Text.Plans):
        def told(self, text: str) -> str:
            return text.replace(" AS r", "").replace("as r", "")


@breaks("PLAN-30")
class SortsForgetNulls(_Text):
    class Plans(_Text.Plans):
        def told(self, text: str) -> str:
            return text.replace("NULLS LAST", "NULLS FIRST")


@breaks("PLAN-31")
class ToProtoDoesNotWarn(Planned):
    class Plans(LeveledPlans):
        def to_proto(self, plan: Plan) -> bytes:
            return self.to_bytes(plan)


@breaks("PLAN-31")
class FromProtoWarnsOfTheFuture(Planned):
    class Plans(LeveledPlans):
        def from_proto(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
            warnings.warn("use from_bytes", FutureWarning, stacklevel=2)
            return self.from_bytes(layer, session, data)


@breaks("PLAN-31")
class ToProtoGoesByName(Planned):
    class Plans(LeveledPlans):
        def to_proto(self, plan: Plan) -> bytes:
            super().to_proto(plan)
            physical = isinstance(plan, ExecutionPlan)
            return self.to_bytes(plan, STRICT if physical else None)


@breaks("PLAN-31")
class FromProtoIsStrict(Planned):
    class Plans(LeveledPlans):
        def from_proto(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
            strict = session.with_python_udf_inlining(enabled=False)
            return super().from_proto(layer, strict, data)


@breaks("PLAN-32")
class ExpressionsPassForPlans(Logical):
    """What cannot be read as a plan is an empty one."""

    def read(self, level: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(level, data, session)
        except Exception as error:
            if level not in self.levels or "failed to decode Protobuf" not in str(error):
                raise
            return SessionContext().sql("SELECT 1 WHERE false").logical_plan()


@breaks("PLAN-32")
class UnpicklesBeforeItReadsThePlan(Physical):
    def read(self, level: str, data: bytes, session: Any) -> Any:
        for one in frames(data) if level in self.levels else []:
            if one.path[0][0] not in (4, 8, 10, 12):
                cloudpickle.loads(one.data[10:])
        return super().read(level, data, session)


@breaks("PLAN-33")
class DamageRaisesWhatNobodyCatches(Logical):
    def read(self, level: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(level, data, session)
        except RuntimeError:
            if level not in self.levels or b"DFPY" in data:
                raise
            raise KeyboardInterrupt from None


@breaks("PLAN-33", ends="crash")
class DamageEndsTheProcess(Physical):
    def read(self, level: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(level, data, session)
        except RuntimeError:
            if level not in self.levels or b"DFPY" in data:
                raise
            os.abort()
