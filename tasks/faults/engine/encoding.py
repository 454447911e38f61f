"""Faults in encoding UDFs that cannot be pickled."""

from __future__ import annotations

import importlib
from typing import Any

import pyarrow as pa
from datafusion import Expr, LogicalPlan, SessionContext, col, udf

from conformance import wire
from conformance.subjects.engine import Engine
from conformance.subjects.engine.plans import EnginePlans
from tasks.faults.fault import breaks


@breaks("ENCODE-01", "ENCODE-02", "ENCODE-04", "ENCODE-05")
class GivesNoReason(Engine):
    """Refuse to encode an unpicklable UDF without a reason."""

    def __init__(self) -> None:
        super().__init__()
        self.plans = _NoReason()

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        return _refuse_without_frames(super().to_bytes(expr, session), session)


class _NoReason(EnginePlans):
    """Plans that are refused without a reason."""

    def to_bytes(self, plan: Any, session: Any | None = None) -> bytes:
        return _refuse_without_frames(super().to_bytes(plan, session), session)


def _refuse_without_frames(data: bytes, session: SessionContext | None) -> bytes:
    strict = session is not None and not wire.find(_probe().to_bytes(session))
    if not wire.find(data) and not strict:
        raise RuntimeError("not today")
    return data


def _probe() -> Expr:
    """Return a call that an inlining session inlines."""
    return udf(_same, [pa.int64()], pa.int64(), "immutable", "same")(col("a"))


def _same(a: Any) -> Any:
    return a


@breaks("ENCODE-03", "ENCODE-04", "ENCODE-05", "ENCODE-07", "ENCODE-08")
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


@breaks("ENCODE-10")
class StrictPicklesFirst(Engine):
    """Call cloudpickle in a strict session, although nothing is pickled."""

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        importlib.import_module("cloudpickle").dumps(_same)
        return super().to_bytes(expr, session)


@breaks("INLINE-22")
class MetadataIsNotRead(Engine):
    """Return other metadata for every field."""

    def metadata(self, *_: Any) -> dict[str, str]:
        return {"key": "another"}


@breaks("INLINE-23")
class TimeZonesAreLost(Engine):
    """Return UTC timestamps in place of those with another time zone."""

    def evaluate(self, *arguments: Any, **options: Any) -> pa.Array:
        values = super().evaluate(*arguments, **options)
        local = values.type == pa.timestamp("us", "Europe/Vienna")
        return values.cast(pa.timestamp("us", "UTC")) if local else values


@breaks("INLINE-21")
class ClosuresAreRefused(Engine):
    """Replace the message if an expression in a closure cannot be decoded."""

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        try:
            return super().from_bytes(data, session)
        except RuntimeError as error:
            if "_reconstruct" in str(error):
                raise RuntimeError("an expression in a closure") from None
            raise
