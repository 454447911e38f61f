"""The installed engine, ``datafusion``, as a subject."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import metadata
from typing import Any

import datafusion
import pyarrow as pa
from datafusion import DataFrame, Expr, SessionContext, ipc
from datafusion.user_defined import Accumulator, WindowEvaluator, udaf, udf, udwf

from conformance.catalogue.nodes import Family, Node, Udf
from conformance.subjects.codec import Codec
from conformance.subjects.engine.chain import EngineChain
from conformance.subjects.engine.derived import derivations
from conformance.subjects.engine.expressions import Builder, column
from conformance.subjects.engine.ffi import find_libraries
from conformance.subjects.engine.optional import remember_absent
from conformance.subjects.engine.plans import EnginePlans
from conformance.subjects.engine.sql import EngineSql
from conformance.subjects.engine.surface import EngineSurface
from conformance.subjects.interface import Slot

_KINDS = {
    "Error during planning": "Plan",
    "Execution error": "Execution",
    "This feature is not implemented": "NotImplemented",
}
"""The classes of errors by their display text."""

_ROW = "conformance_row"
_VALUE = "conformance_value"

_version = cache(metadata.version)
"""The version of a package, read once: each case on a golden asks."""


class Engine:
    """An adapter from ``datafusion`` to ``Subject``."""

    name = "datafusion"
    bases: Mapping[str, type] = {"Accumulator": Accumulator, "WindowEvaluator": WindowEvaluator}

    def __init__(self) -> None:
        self.plans = EnginePlans()
        self.chain = EngineChain()
        self.sql = EngineSql(self.register)
        self.surface = EngineSurface(self)
        self.ffi_libraries = find_libraries(fits=True)
        self.incompatible_libraries = find_libraries(fits=False)
        self.wire_codec: Codec | None = None
        remember_absent()

    def versions(self) -> Mapping[str, str]:
        return {
            "engine": _version("datafusion"),
            "cloudpickle": _version("cloudpickle"),
            "pyarrow": _version("pyarrow"),
        }

    # Sessions

    def session(self) -> SessionContext:
        return SessionContext()

    def global_session(self) -> SessionContext:
        return SessionContext.global_ctx()

    def with_inlining(self, session: SessionContext, enabled: bool) -> SessionContext:
        return session.with_python_udf_inlining(enabled=enabled)

    def call_toggle(self, session: SessionContext, *arguments: bool) -> SessionContext:
        toggle: Any = session.with_python_udf_inlining
        derived: SessionContext = toggle(*arguments)
        return derived

    def session_id(self, session: SessionContext) -> str:
        id_: str = session.session_id()
        return id_

    def derivations(self, session: SessionContext) -> Mapping[str, Callable[[], SessionContext]]:
        return derivations(session)

    def register(self, session: SessionContext, function: Any) -> None:
        register, _ = self._registry(session, function)
        register(function)

    def get_function(self, session: SessionContext, family: Family, name: str) -> Any:
        take = {"scalar": session.udf, "aggregate": session.udaf, "window": session.udwf}
        return take[family](name)

    def deregister(self, session: SessionContext, function: Any) -> None:
        _, deregister = self._registry(session, function)
        deregister(function.name)

    @staticmethod
    def _registry(session: SessionContext, function: Any) -> tuple[Any, Any]:
        if isinstance(function, datafusion.AggregateUDF):
            return session.register_udaf, session.deregister_udaf
        if isinstance(function, datafusion.WindowUDF):
            return session.register_udwf, session.deregister_udwf
        return session.register_udf, session.deregister_udf

    # What sessions share

    def add_table(self, session: SessionContext, name: str, batch: pa.RecordBatch) -> None:
        session.register_record_batches(name, [[batch]])

    def has_table(self, session: SessionContext, name: str) -> bool:
        return bool(session.table_exist(name))

    def set_batch_size(self, session: SessionContext, rows: int) -> None:
        session.sql(f"SET datafusion.execution.batch_size = {rows}").collect()

    def batch_size(self, session: SessionContext) -> int:
        shown = session.sql("SHOW datafusion.execution.batch_size").to_pydict()
        return int(shown["value"][0])

    # Expressions

    def function(self, udf_: Udf, implementation: Callable[..., Any]) -> Any:
        inputs = list(udf_.inputs)
        if udf_.family == "scalar":
            return udf(implementation, inputs, udf_.returns, udf_.volatility, udf_.name)
        if udf_.family == "window":
            return udwf(implementation, inputs, udf_.returns, udf_.volatility, udf_.name)
        state = list(udf_.state)
        return udaf(implementation, inputs, udf_.returns, state, udf_.volatility, udf_.name)

    def function_name(self, function: Any) -> str:
        name: str = function.name
        return name

    def expr(self, node: Node, functions_: Mapping[Udf, Any]) -> Expr:
        return Builder(functions_).build(node)

    def display(self, expr: Expr) -> str:
        return str(expr)

    # Bytes

    def to_bytes(self, expr: Expr, session: SessionContext | None = None) -> bytes:
        return expr.to_bytes() if session is None else expr.to_bytes(session)

    def from_bytes(self, data: bytes, session: SessionContext | None = None) -> Expr:
        return Expr.from_bytes(data) if session is None else Expr.from_bytes(data, session)

    # Slots

    def set_slot(self, slot: Slot, session: SessionContext) -> None:
        {"sender": ipc.set_sender_ctx, "worker": ipc.set_worker_ctx}[slot](session)

    def get_slot(self, slot: Slot) -> SessionContext | None:
        return {"sender": ipc.get_sender_ctx, "worker": ipc.get_worker_ctx}[slot]()

    def clear_slot(self, slot: Slot) -> None:
        {"sender": ipc.clear_sender_ctx, "worker": ipc.clear_worker_ctx}[slot]()

    # Evaluation

    def evaluate(
        self,
        session: SessionContext,
        expr: Expr,
        batches: Sequence[pa.RecordBatch],
        *,
        aggregate: bool = False,
        group_by: Sequence[str] = (),
    ) -> pa.Array:
        if aggregate:
            # No alias here: the engine's rewrite of DISTINCT does not support one.
            frame = session.create_dataframe([[batch] for batch in batches])
            frame = frame.aggregate([column(key) for key in group_by], [expr])
            table = _table(frame)
            table = table.rename_columns([*group_by, _VALUE])
            table = table.sort_by([(key, "ascending") for key in group_by]) if group_by else table
        else:
            frame = session.create_dataframe([[batch] for batch in _add_row_numbers(batches)])
            frame = frame.select(column(_ROW), expr.alias(_VALUE)).sort(column(_ROW).sort())
            table = _table(frame)
        if group_by:
            return table.to_struct_array().combine_chunks()
        return table.column(_VALUE).combine_chunks()

    def metadata(
        self, session: SessionContext, expr: Expr, batches: Sequence[pa.RecordBatch]
    ) -> Mapping[str, str]:
        frame = session.create_dataframe([[batch] for batch in batches]).select(expr)
        metadata_ = frame.schema().field(0).metadata or {}
        return {key.decode(): value.decode() for key, value in metadata_.items()}

    # Errors

    def error_kind(self, error: BaseException) -> str:
        found = re.search(r"DataFusion error: (?:(\w+)\(|([\w ]+): )", str(error))
        return found[1] or _KINDS.get(found[2], "") if found else ""


def _table(frame: DataFrame) -> pa.Table:
    """Return the rows; the planner's schema may be stricter than that of the batches."""
    batches = frame.collect()
    return pa.Table.from_batches(batches, batches[0].schema if batches else frame.schema())


def _add_row_numbers(batches: Sequence[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """Return the batches with a column of row numbers, counted across all batches."""
    numbered, start = [], 0
    for batch in batches:
        rows = pa.array(range(start, start + batch.num_rows), pa.int64())
        schema = pa.schema([*batch.schema, pa.field(_ROW, pa.int64())])
        numbered.append(pa.RecordBatch.from_arrays([*batch.columns, rows], schema=schema))
        start += batch.num_rows
    return numbered
