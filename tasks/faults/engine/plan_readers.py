"""Faults in the text of decoded plans, in deprecated methods and in damaged bytes."""

from __future__ import annotations

import os
from typing import Any

import cloudpickle
from datafusion import SessionContext

from conformance.subjects.engine.plans import Plan
from conformance.subjects.plans import Layer
from tasks.faults.engine.faulty_at import (
    AtLogical,
    AtPhysical,
    CustomPlans,
    FaultyAt,
    FaultyPlans,
    find_frames,
)
from tasks.faults.fault import breaks


class _Text(CustomPlans):
    """An engine that changes the text of decoded plans."""

    class Plans(FaultyPlans):
        def __init__(self, engine: FaultyAt) -> None:
            super().__init__(engine)
            self.came: list[Plan] = []

        def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
            self.came.append(super().from_bytes(layer, session, data))
            return self.came[-1]

        def display(self, plan: Plan) -> str:
            text = super().display(plan)
            return self.change_text(text) if any(plan is other for other in self.came) else text

        def change_text(self, text: str) -> str:
            raise NotImplementedError


@breaks("PLAN-30")
class AliasesAreLost(_Text):
    """Drop aliases from the text of decoded plans."""

    class Plans(_Text.Plans):
        def change_text(self, text: str) -> str:
            return text.replace(" AS r", "").replace("as r", "")


@breaks("PLAN-30")
class SortsForgetNulls(_Text):
    """Sort nulls first in the text of decoded plans."""

    class Plans(_Text.Plans):
        def change_text(self, text: str) -> str:
            return text.replace("NULLS LAST", "NULLS FIRST")


@breaks("PLAN-31")
class ToProtoDoesNotWarn(CustomPlans):
    """Do not warn that to_proto() is deprecated."""

    class Plans(FaultyPlans):
        def to_proto(self, plan: Plan) -> bytes:
            return self.to_bytes(plan)


@breaks("PLAN-32")
class ExpressionsPassForPlans(AtLogical):
    """Decode bytes that are no logical plan as an empty plan."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            if artifact not in self.artifacts or "failed to decode Protobuf" not in str(error):
                raise
            return SessionContext().sql("SELECT 1 WHERE false").logical_plan()


@breaks("PLAN-32")
class UnpicklesBeforeItReadsThePlan(AtPhysical):
    """Unpickle frames in bytes that are no physical plan."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        for one in find_frames(data) if artifact in self.artifacts else []:
            if one.path[0][0] not in (4, 8, 10, 12, 15):
                cloudpickle.loads(one.data[10:])
        return super().read(artifact, data, session)


@breaks("PLAN-33")
class DamageRaisesWhatNobodyCatches(AtLogical):
    """Raise a KeyboardInterrupt for a damaged logical plan."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except RuntimeError:
            if artifact not in self.artifacts or b"DFPY" in data:
                raise
            raise KeyboardInterrupt from None


@breaks("PLAN-33", outcome="crash")
class DamageEndsTheProcess(AtPhysical):
    """Abort the process on a damaged physical plan."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except RuntimeError:
            if artifact not in self.artifacts or b"DFPY" in data:
                raise
            os.abort()
