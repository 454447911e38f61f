"""Engines whose plans change on the way: by failing, by running, by being passed on."""

from __future__ import annotations

from typing import Any

import cloudpickle
from datafusion import SessionContext

from conformance.subjects.engine.plans import Plan
from tasks.faults.engine.leveled import (
    AGGREGATE,
    STRICT,
    Leveled,
    LeveledPlans,
    Logical,
    Physical,
    Planned,
    frames,
)
from tasks.faults.fault import breaks


@breaks("PLAN-24")
class UnpicklableAggregatesLeaveByName(Physical):
    def write(self, level: str, what: Any, session: Any) -> bytes:
        try:
            return super().write(level, what, session)
        except Exception:
            if level not in self.levels or "AggregateExec" not in str(what.display_indent()):
                raise
            return self.encode(what, STRICT)


@breaks("PLAN-24")
class UnpicklableIsNotTold(Physical):
    def write(self, level: str, what: Any, session: Any) -> bytes:
        try:
            return super().write(level, what, session)
        except Exception as error:
            if level not in self.levels or "pickle" not in str(error):
                raise
            raise RuntimeError("this plan cannot be encoded") from None


@breaks("PLAN-24")
class LogicalPlansCrashLater(Logical):
    """Otherwise than the released engine, which lets it leave by name: an error of its own."""

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = super().write(level, what, session)
        if level in self.levels and session is None and not frames(data) and b"DFPY" not in data:
            raise RuntimeError("nothing to inline")
        return data


class _Deep(Leveled):
    limit: int

    def read(self, level: str, data: bytes, session: Any) -> Any:
        plan = super().read(level, data, session)
        if level in self.levels and str(plan.display_indent()).count("\n") > self.limit:
            raise RuntimeError("recursion limit reached: too deep")
        return plan


@breaks("PLAN-25")
class LogicalPlansMayHaveTwentySteps(Logical, _Deep):
    limit = 20


@breaks("PLAN-25")
class PhysicalPlansMayHaveFortyNodes(Physical, _Deep):
    limit = 40


class _Ran(Planned):
    """What ``spent`` says becomes of the bytes of a plan that was executed."""

    class Plans(LeveledPlans):
        def __init__(self, engine: Leveled) -> None:
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


class _Passed(Leveled):
    """The frames of a plan that came as bytes are changed when it leaves again."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[Any] = []

    def read(self, level: str, data: bytes, session: Any) -> Any:
        self.came.append(super().read(level, data, session))
        return self.came[-1]

    def write(self, level: str, what: Any, session: Any) -> bytes:
        data = super().write(level, what, session)
        came = level in self.levels and any(what is other for other in self.came)
        return self.each(data, self.passed) if came else data

    def passed(self, frame: bytes) -> bytes:
        raise NotImplementedError


@breaks("PLAN-29")
class VolatilityIsLostOnTheWay(Physical, _Passed):
    def passed(self, frame: bytes) -> bytes:
        *members, volatility = cloudpickle.loads(frame[10:])
        del volatility
        return frame[:10] + bytes(cloudpickle.dumps((*members, "stable")))


@breaks("PLAN-29")
class StateIsLostOnTheWay(Logical, _Passed):
    """The state schema is the return schema from the second encoding on."""

    families = (AGGREGATE,)

    def passed(self, frame: bytes) -> bytes:
        name, held, inputs, returns, _, volatility = cloudpickle.loads(frame[10:])
        changed = (name, held, inputs, returns, returns, volatility)
        return frame[:10] + bytes(cloudpickle.dumps(changed))


@breaks("PLAN-29")
class PassedOnByName(Logical, _Passed):
    def write(self, level: str, what: Any, session: Any) -> bytes:
        came = level in self.levels and any(what is other for other in self.came)
        return self.encode(what, STRICT if came else session)
