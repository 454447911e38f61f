"""Faults in the results of decoded plans."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pyarrow as pa
from datafusion import ExecutionPlan, LogicalPlan, SessionContext

from conformance.subjects.engine.plans import Plan
from tasks.faults.engine.faulty_at import (
    WINDOW,
    AtLogical,
    AtPhysical,
    CustomPlans,
    FaultyAt,
    FaultyPlans,
    find_frames,
    is_strict,
    remove_frames,
)
from tasks.faults.engine.patched_expr import is_one
from tasks.faults.fault import breaks


@breaks("PLAN-01")
class PlansRunOnce(CustomPlans):
    """Return no row when a plan runs again."""

    class Plans(FaultyPlans):
        last: Plan | None = None

        def execute(self, session: SessionContext, plan: Plan) -> pa.Table:
            rows = super().execute(session, plan)
            if plan is self.last:
                return rows.slice(0, 0)
            self.last = plan
            return rows


# Names


@breaks("PLAN-09")
class GlobalSessionDecodesPlans(AtLogical):
    """Decode logical plans by the global session if none is given."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        return super().read(artifact, data, session or self.global_session())


@breaks("PLAN-09")
class WorkerSlotsHandleDecodesPlans(AtLogical):
    """Decode logical plans by the worker slot's session if it is a handle of the given one."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        held = self.get_slot("worker") if session and artifact in self.artifacts else None
        return super().read(artifact, data, held if is_one(session, held) else session)


class _Unresolved(FaultyAt):
    """An engine that resolves no names on strict, or on inlining, sessions."""

    strict: bool

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        if (
            artifact in self.artifacts
            and not find_frames(data)
            and is_strict(session) == self.strict
        ):
            session = SessionContext()
        return super().read(artifact, data, session)


@breaks("PLAN-19", "PLAN-20")
class StrictSessionsKnowNoNames(AtPhysical, _Unresolved):
    """Resolve no names in physical plans on strict sessions."""

    strict = True


@breaks("PLAN-19")
class InliningSessionsKnowNoNames(AtLogical, _Unresolved):
    """Resolve no names in logical plans on inlining sessions."""

    strict = False


@breaks("PLAN-20")
class MissingErrorLostTheName(AtPhysical):
    """Omit the name from the error for a missing function in physical plans."""

    rewords = [(r"not provided for (\w+) function \w+", r"not provided for \1 function")]


@breaks("PLAN-09", "PLAN-20")
class MissingWindowsAreNulls(AtLogical):
    """Return an empty plan for a logical plan whose window function is missing."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        try:
            return super().read(artifact, data, session)
        except Exception as error:
            if artifact not in self.artifacts or "window function share" not in str(error):
                raise
            return SessionContext().sql("SELECT 1 WHERE false").logical_plan()


@breaks("PLAN-21")
class RegisteredWindowsStandIn(AtPhysical):
    """Prefer a registered window over the frame in physical plans."""

    def read(self, artifact: str, data: bytes, session: Any) -> Any:
        windows = [one for one in find_frames(data) if one.data[:7] == WINDOW]
        if artifact in self.artifacts and windows and not is_strict(session):
            with suppress(Exception):
                return self.decode(artifact, remove_frames(data), session)
        return super().read(artifact, data, session)


# Rows and fields


@breaks("PLAN-22")
class StrictPlansLeaveWithoutBatches(AtLogical):
    """Return no bytes for a logical plan that cannot be written."""

    def write(self, artifact: str, value: Any, session: Any) -> bytes:
        try:
            return super().write(artifact, value, session)
        except Exception as error:
            if artifact not in self.artifacts or session is None or "pickle" in str(error):
                raise
            return b""


@breaks("PLAN-23")
class OnlyTheFirstPartitionLeaves(CustomPlans):
    """Drop a row of physical plans over several partitions."""

    class Plans(FaultyPlans):
        def execute(self, session: SessionContext, plan: Plan) -> pa.Table:
            table = super().execute(session, plan)
            several = re.search("partitions=3, partition_sizes=", str(plan))
            return table.slice(1) if several and isinstance(plan, ExecutionPlan) else table


@breaks("PLAN-23")
class ColumnsLeaveWithoutTheirValues(CustomPlans):
    """Return nulls for a column that no expression computes."""

    class Plans(FaultyPlans):
        def execute(self, session: SessionContext, plan: Plan) -> pa.Table:
            table = super().execute(session, plan)
            if "DataSourceExec: partitions=" not in str(plan) or table.column_names != ["r", "x"]:
                return table
            return table.set_column(1, "x", pa.nulls(len(table)))


@breaks("PLAN-23")
class StatesAreNotMerged(CustomPlans):
    """Return groups of an aggregate over several partitions twice."""

    class Plans(FaultyPlans):
        def execute(self, session: SessionContext, plan: Plan) -> pa.Table:
            table = super().execute(session, plan)
            merged = "AggregateExec: mode=Final," in str(plan)
            return pa.concat_tables([table, table]) if merged else table


@breaks("PLAN-01", "PLAN-03")
class ParquetLosesItsFilter(CustomPlans):
    """Return rows of a filtered Parquet scan twice."""

    class Plans(FaultyPlans):
        def execute(self, session: SessionContext, plan: Plan) -> pa.Table:
            table = super().execute(session, plan)
            filters = "file_type=parquet, predicate" in str(plan)
            return pa.concat_tables([table, table]) if filters else table


class _Fields(CustomPlans):
    """An engine that changes the fields of results."""

    class Plans(FaultyPlans):
        def field(self, field: pa.Field) -> pa.Field:
            raise NotImplementedError

        def execute(self, session: SessionContext, plan: Plan) -> pa.Table:
            table = super().execute(session, plan)
            assert isinstance(self.engine, _Fields)
            layer = "logical" if isinstance(plan, LogicalPlan) else "physical"
            if layer not in self.engine.artifacts:
                return table
            return table.cast(pa.schema([self.field(field) for field in table.schema]))


@breaks("PLAN-26")
class LogicalResultsMayBeNull(_Fields, AtLogical):
    """Return nullable fields from logical plans."""

    class Plans(_Fields.Plans):
        def field(self, field: pa.Field) -> pa.Field:
            return field.with_nullable(True)


@breaks("PLAN-26")
class PhysicalResultsMayBeNull(_Fields, AtPhysical):
    """Return nullable fields from physical plans."""

    class Plans(_Fields.Plans):
        def field(self, field: pa.Field) -> pa.Field:
            return field.with_nullable(True)


@breaks("PLAN-27")
class LogicalMetadataIsLost(_Fields, AtLogical):
    """Return fields without metadata from logical plans."""

    class Plans(_Fields.Plans):
        def field(self, field: pa.Field) -> pa.Field:
            return field.remove_metadata()


@breaks("PLAN-27")
class PhysicalMetadataIsEmpty(_Fields, AtPhysical):
    """Return fields with other metadata from physical plans."""

    class Plans(_Fields.Plans):
        def field(self, field: pa.Field) -> pa.Field:
            return field.with_metadata({"name": field.name})
