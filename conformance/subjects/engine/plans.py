"""Build the engine's plans from the catalogue's queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import pyarrow as pa
from datafusion import DataFrame, ExecutionPlan, Expr, LogicalPlan, SessionContext

from conformance.catalogue.nodes import Node, Udf
from conformance.catalogue.query import (
    First,
    Group,
    Join,
    Limit,
    OrderBy,
    Query,
    Select,
    Step,
    Where,
)
from conformance.subjects.engine.expressions import Builder, column
from conformance.subjects.plans import Layer

Plan = LogicalPlan | ExecutionPlan

_PLANS: Mapping[Layer, Any] = {"logical": LogicalPlan, "physical": ExecutionPlan}
_PARTITIONS = 3
_TABLE = "t"


class EnginePlans:
    """An adapter from ``LogicalPlan`` and ``ExecutionPlan`` to ``Plans``."""

    def plan(
        self,
        session: SessionContext,
        layer: Layer,
        query: Query,
        functions: Mapping[Udf, Any],
        folder: Path,
    ) -> Plan:
        # The default is the number of processors, which would make plans depend on the machine.
        session.sql(f"SET datafusion.execution.target_partitions = {_PARTITIONS}").collect()
        frame = _source(session, query, folder)
        for step in query.steps:
            frame = _step(Builder(functions), frame, step)
        return frame.logical_plan() if layer == "logical" else frame.execution_plan()

    def to_bytes(self, plan: Plan, session: SessionContext | None = None) -> bytes:
        return plan.to_bytes() if session is None else plan.to_bytes(session)

    def from_bytes(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
        plan: Plan = _PLANS[layer].from_bytes(session, data)
        return plan

    def to_proto(self, plan: Plan) -> bytes:
        data: bytes = plan.to_proto()
        return data

    def from_proto(self, layer: Layer, session: SessionContext, data: bytes) -> Plan:
        plan: Plan = _PLANS[layer].from_proto(session, data)
        return plan

    def execute(self, session: SessionContext, plan: Plan) -> pa.Table:
        if isinstance(plan, LogicalPlan):
            frame = session.create_dataframe_from_logical_plan(plan)
            batches = frame.collect()
            # The schema of the batches may be more precise than the planner's.
            return pa.Table.from_batches(batches, None if batches else frame.schema())

        def read(partition: int) -> list[pa.RecordBatch]:
            return [batch.to_pyarrow() for batch in session.execute(plan, partition)]

        # Run them concurrently: the partitions of a join may wait for each other.
        with ThreadPoolExecutor(plan.partition_count) as threads:
            parts = threads.map(read, range(plan.partition_count))
            batches = [batch for part in parts for batch in part]
        return pa.Table.from_batches(batches) if batches else pa.table({})

    def display(self, plan: Plan) -> str:
        return str(plan.display_indent())


def _source(session: SessionContext, query: Query, folder: Path) -> DataFrame:
    batches = query.record_batches()
    if query.source == "memory":
        # A fixed name, since physical plans contain it; the default name is random.
        session.deregister_table(_TABLE)
        return session.create_dataframe([[batch] for batch in batches], name=_TABLE)
    if query.source == "values":
        return _values(session, query)
    table = pa.Table.from_batches(batches)
    path = folder / f"t.{query.source}"
    if query.source == "csv":
        import_module("pyarrow.csv").write_csv(table, path)  # slow to import, and rarely of use
        return session.read_csv(path, schema=query.schema)
    import_module("pyarrow.parquet").write_table(table, path)
    return session.read_parquet(path)


def _values(session: SessionContext, query: Query) -> DataFrame:
    """Return a VALUES clause, which only SQL can express."""
    rows = ", ".join(f"({', '.join(map(_sql, row))})" for rows in query.partitions for row in rows)
    names = ", ".join(f'"{name}"' for name in query.schema.names)
    return session.sql(f"SELECT * FROM (VALUES {rows}) AS t({names})")


def _sql(value: Any) -> str:
    if value is None:
        return "NULL"
    return f"'{value}'" if isinstance(value, str) else str(value)


def _step(builder: Builder, frame: DataFrame, step: Step) -> DataFrame:
    if isinstance(step, Where):
        return frame.filter(builder.build(step.condition))
    if isinstance(step, Select):
        return frame.select(*_build_columns(builder, step.columns))
    if isinstance(step, Group):
        return frame.aggregate(
            _build_columns(builder, step.keys), _build_columns(builder, step.values)
        )
    if isinstance(step, Join):
        others = [column(name).alias(f"other_{name}") for name in frame.schema().names]
        return frame.join_on(frame.select(*others), builder.build(step.on))
    if isinstance(step, First):
        order = [builder.sort(key) for key in step.order]
        return frame.distinct_on(
            [builder.build(step.on)], _build_columns(builder, step.columns), order
        )
    if isinstance(step, OrderBy):
        return frame.sort(*[builder.sort(key) for key in step.keys])
    assert isinstance(step, Limit)
    return frame.limit(step.rows)


def _build_columns(builder: Builder, columns: Sequence[tuple[str, Node]]) -> list[Expr]:
    return [builder.build(node).alias(name) for name, node in columns]
