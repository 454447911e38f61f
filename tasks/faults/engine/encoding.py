"""Faults in encoding UDFs that cannot be pickled."""

from __future__ import annotations

from typing import Any

from datafusion import LogicalPlan, SessionContext

from conformance.subjects.engine import Engine
from conformance.subjects.engine.plans import EnginePlans
from tasks.faults.fault import breaks


@breaks("ENCODE-03", "ENCODE-04", "ENCODE-05", "ENCODE-07", "ENCODE-08", "PLAN-24")
class PhysicalPlansLeaveByName(Engine):
    """Write a physical plan by name if encoding it inline fails."""

    def __init__(self) -> None:
        super().__init__()
        self.plans = _ByName()


class _ByName(EnginePlans):
    """Plans that are written by name if writing them fails."""

    def to_bytes(self, plan: Any, session: Any | None = None) -> bytes:
        try:
            return super().to_bytes(plan, session)
        except Exception:  # noqa: BLE001 - that is the fault
            strict = SessionContext().with_python_udf_inlining(enabled=False)
            return super().to_bytes(plan, strict)


@breaks("ENCODE-09")
class FailsForEver(Engine):
    """Raise the same error again for a physical plan that failed to encode once."""

    def __init__(self) -> None:
        super().__init__()
        self.plans = _FailsAgain()


class _FailsAgain(EnginePlans):
    """Plans that fail again once they failed."""

    error: Exception | None = None
    failed: Any = None

    def to_bytes(self, plan: Any, session: Any | None = None) -> bytes:
        if isinstance(plan, LogicalPlan):
            return super().to_bytes(plan, session)
        if self.error is not None and self.failed is plan:
            raise self.error
        try:
            return super().to_bytes(plan, session)
        except Exception as error:
            self.error, self.failed = error, plan
            raise


@breaks("ENCODE-06")
class InterruptsAreDropped(Engine):
    """Return None if decoding is interrupted."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Any:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if "Interrupt" in str(error):
                return None
            raise


@breaks("INLINE-22")
class MetadataIsNotRead(Engine):
    """Return other metadata for every field."""

    def metadata(self, *_: Any) -> dict[str, str]:
        return {"key": "another"}
