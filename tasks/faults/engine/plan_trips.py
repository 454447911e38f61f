"""Faults in plans that fail, were executed or are passed on."""

from __future__ import annotations

from typing import Any

import cloudpickle
from datafusion import SessionContext

from conformance.subjects.engine.plans import Plan
from tasks.faults.engine.faulty_at import (
    STRICT,
    AtLogical,
    AtPhysical,
    CustomPlans,
    FaultyAt,
    FaultyPlans,
)
from tasks.faults.fault import breaks


class _Deep(FaultyAt):
    """An engine that refuses plans with more than ``limit`` nodes."""

    limit: int

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        plan = super().read(artifact, data, session)
        if artifact in self.artifacts and str(plan.display_indent()).count("\n") > self.limit:
            raise RuntimeError("recursion limit reached: too deep")
        return plan


@breaks("PLAN-25")
class PhysicalPlansMayHaveFortyNodes(AtPhysical, _Deep):
    """Refuse physical plans with more than 40 nodes."""

    limit = 40


class _Ran(CustomPlans):
    """An engine that writes a plan that was executed by ``write_executed``."""

    class Plans(FaultyPlans):
        def __init__(self, engine: FaultyAt) -> None:
            super().__init__(engine)
            self.ran: list[Plan] = []

        def execute(self, session: SessionContext, plan: Plan) -> Any:
            self.ran.append(plan)
            return super().execute(session, plan)

        def to_bytes(self, plan: Plan, session: SessionContext | None = None) -> bytes:
            spent = any(plan is other for other in self.ran)
            return self.write_executed(plan) if spent else super().to_bytes(plan, session)

        def write_executed(self, plan: Plan) -> bytes:
            raise NotImplementedError


@breaks("PLAN-28")
class ExecutedPlansGoByName(_Ran):
    """Write a plan that was executed by name."""

    class Plans(_Ran.Plans):
        def write_executed(self, plan: Plan) -> bytes:
            return self.engine.encode(plan, STRICT)


class _Passed(FaultyAt):
    """An engine that changes the frames of a decoded plan when it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[Any] = []

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        self.came.append(super().read(artifact, data, session))
        return self.came[-1]

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        came = artifact in self.artifacts and any(value is other for other in self.came)
        return self.change_frames(data, self.change_passed_on) if came else data

    def change_passed_on(self, frame: bytes) -> bytes:
        raise NotImplementedError


@breaks("PLAN-29")
class VolatilityIsLostOnTheWay(AtPhysical, _Passed):
    """Write UDFs of decoded physical plans as stable."""

    def change_passed_on(self, frame: bytes) -> bytes:
        *members, volatility = cloudpickle.loads(frame[10:])
        del volatility
        return frame[:10] + bytes(cloudpickle.dumps((*members, "stable")))


@breaks("PLAN-29")
class PassedOnByName(AtLogical, _Passed):
    """Write decoded logical plans by name."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        came = artifact in self.artifacts and any(value is other for other in self.came)
        return self.encode(value, STRICT if came else session)
