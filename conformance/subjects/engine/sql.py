"""Parse SQL with the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
from datafusion import Expr, SessionContext, col

from conformance.subjects.engine.plans import Plan
from conformance.subjects.sql import Stage


class EngineSql:
    """An adapter from the engine's SQL to ``SqlParser``."""

    def __init__(self, register: Callable[[SessionContext, Any], None]) -> None:
        self.register = register

    def expression(self, text: str, batch: pa.RecordBatch, functions: Iterable[Any]) -> Expr:
        session = SessionContext()
        for function in functions:
            self.register(session, function)
        frame = session.create_dataframe([[batch]])
        # An alias makes the columns known by their names alone, without that of a table.
        columns = [col(name).alias(name) for name in batch.schema.names]
        return frame.select(*columns).parse_sql_expr(text)

    def plan(
        self, session: SessionContext, stage: Stage, text: str, functions: Iterable[Any]
    ) -> Plan:
        for function in functions:
            self.register(session, function)
        frame = session.sql(text)
        if stage == "physical":
            return frame.execution_plan()
        return frame.logical_plan() if stage == "logical" else frame.optimized_logical_plan()
