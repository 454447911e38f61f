"""Engines whose plans change on the way: by failing, by running, by being passed on."""

from __future__ import annotations

from typing import Any

import cloudpickle
from datafusion import SessionContext

from conformance.subjects.engine.plans import Plan
from tasks.faults.engine.faulty_at import (
    AGGREGATE,
    STRICT,
    AtLogical,
    AtPhysical,
    CustomPlans,
    FaultyAt,
    FaultyPlans,
    find_frames,
)
from tasks.faults.fault import breaks


@breaks("PLAN-24")
class UnpicklableAggregatesLeaveByName(AtPhysical):
    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        try:
            return super().write(artifact, value, session)
        except Exception:
            if artifact not in self.artifacts or "AggregateExec" not in str(value.display_indent()):
                raise
            return self.encode(value, STRICT)


@breaks("PLAN-24")
class UnpicklableIsNotTold(AtPhysical):
    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        try:
            return super().write(artifact, value, session)
        except Exception as error:
            if artifact not in self.artifacts or "pickle" not in str(error):
                raise
            raise RuntimeError("this plan cannot be encoded") from None


@breaks("PLAN-24")
class LogicalPlansCrashLater(AtLogical):
    """Otherwise than the released engine, which lets it leave by name: an error of its own."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        if (
            artifact in self.artifacts
            and session is None
            and not find_frames(data)
            and b"DFPY" not in data
        ):
            raise RuntimeError("nothing to inline")
        return data


class _Deep(FaultyAt):
    limit: int

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        plan = super().read(artifact, data, session)
        if artifact in self.artifacts and str(plan.display_indent()).count("\n") > self.limit:
            raise RuntimeError("recursion limit reached: too deep")
        return plan


@breaks("PLAN-25")
class LogicalPlansMayHaveTwentySteps(AtLogical, _Deep):
    limit = 20


@breaks("PLAN-25")
class PhysicalPlansMayHaveFortyNodes(AtPhysical, _Deep):
    limit = 40


class _Ran(CustomPlans):
    """What ``spent`` says becomes of the bytes of a plan that was executed."""

    class Plans(FaultyPlans):
        def __init__(self, engine: FaultyAt) -> None:
            super().__init__(engine)
            self.ran: list[Plan] = []

        def execute(self, session: SessionContext, plan: Plan) -> Any:
            self.ran.append(plan)
            return super().execute(session, plan)

        def to_bytes(self, plan: Plan, session: SessionContext | None = None) -> bytes:
            spent = any(plan is other for other in self.ran)
            return self.spent(plan) if spent else super().to_bytes(plan, session)

        def spent(self, plan: Plan) -> bytes:
            raise NotImplementedError


@breaks("PLAN-28")
class ExecutedPlansAreSpent(_Ran):
    class Plans(_Ran.Plans):
        def spent(self, plan: Plan) -> bytes:
            del plan
            raise RuntimeError("this plan has been executed")


@breaks("PLAN-28")
class ExecutedPlansGoByName(_Ran):
    class Plans(_Ran.Plans):
        def spent(self, plan: Plan) -> bytes:
            return self.engine.encode(plan, STRICT)


class _Passed(FaultyAt):
    """The frames of a plan that came as bytes are changed when it leaves again."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[Any] = []

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        self.came.append(super().read(artifact, data, session))
        return self.came[-1]

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        data = super().write(artifact, value, session)
        came = artifact in self.artifacts and any(value is other for other in self.came)
        return self.change_frames(data, self.passed) if came else data

    def passed(self, frame: bytes) -> bytes:
        raise NotImplementedError


@breaks("PLAN-29")
class VolatilityIsLostOnTheWay(AtPhysical, _Passed):
    def passed(self, frame: bytes) -> bytes:
        *members, volatility = cloudpickle.loads(frame[10:])
        del volatility
        return frame[:10] + bytes(cloudpickle.dumps((*members, "stable")))


@breaks("PLAN-29")
class StateIsLostOnTheWay(AtLogical, _Passed):
    """The state schema is the return schema from the second encoding on."""

    families = (AGGREGATE,)

    def passed(self, frame: bytes) -> bytes:
        name, function, inputs, returns, _, volatility = cloudpickle.loads(frame[10:])
        changed = (name, function, inputs, returns, returns, volatility)
        return frame[:10] + bytes(cloudpickle.dumps(changed))


@breaks("PLAN-29")
class PassedOnByName(AtLogical, _Passed):
    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        came = artifact in self.artifacts and any(value is other for other in self.came)
        return self.encode(value, STRICT if came else session)
