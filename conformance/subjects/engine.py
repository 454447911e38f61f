"""The released engine: ``datafusion`` as it is installed."""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from typing import Any

import datafusion
import pyarrow as pa
from datafusion import Expr, SessionContext, functions, ipc
from datafusion.expr import Window, WindowFrame
from datafusion.user_defined import Accumulator, WindowEvaluator, udaf, udf, udwf

from conformance.catalogue import nodes
from conformance.catalogue.nodes import Node, Sort, Udf
from conformance.subjects.interface import Slot

_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "and": operator.and_,
    "or": operator.or_,
}
_ROW = "conformance_row"
_VALUE = "conformance_value"


class Engine:
    """``datafusion`` behind the ``Subject`` interface."""

    name = "datafusion"
    bases: Mapping[str, type] = {"Accumulator": Accumulator, "WindowEvaluator": WindowEvaluator}

    def versions(self) -> Mapping[str, str]:
        return {
            "engine": metadata.version("datafusion"),
            "cloudpickle": metadata.version("cloudpickle"),
            "pyarrow": metadata.version("pyarrow"),
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

    def register(self, session: SessionContext, function: Any) -> None:
        register, _ = self._registry(session, function)
        register(function)

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
        return _Builder(functions_).build(node)

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
            # Without an alias: the engine's rewrite of DISTINCT does not look through one.
            frame = session.create_dataframe([[batch] for batch in batches])
            frame = frame.aggregate([_column(key) for key in group_by], [expr])
            table = pa.Table.from_batches(frame.collect(), frame.schema())
            table = table.rename_columns([*group_by, _VALUE])
            table = table.sort_by([(key, "ascending") for key in group_by]) if group_by else table
        else:
            frame = session.create_dataframe([[batch] for batch in _numbered(batches)])
            frame = frame.select(_column(_ROW), expr.alias(_VALUE)).sort(_column(_ROW).sort())
            table = pa.Table.from_batches(frame.collect(), frame.schema())
        if group_by:
            return table.to_struct_array().combine_chunks()
        return table.column(_VALUE).combine_chunks()

    # Errors

    def error_kind(self, error: BaseException) -> str:
        found = re.search(r"DataFusion error: (\w+)\(", str(error))
        return found[1] if found else ""


def _column(name: str) -> Expr:
    quoted = name.replace('"', '""')
    return Expr.column(f'"{quoted}"')


def _numbered(batches: Sequence[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """The batches with a column that counts the rows through all of them."""
    numbered, start = [], 0
    for batch in batches:
        rows = pa.array(range(start, start + batch.num_rows), pa.int64())
        schema = pa.schema([*batch.schema, pa.field(_ROW, pa.int64())])
        numbered.append(pa.RecordBatch.from_arrays([*batch.columns, rows], schema=schema))
        start += batch.num_rows
    return numbered


class _Builder:
    """Builds the engine's expressions from nodes."""

    def __init__(self, functions_: Mapping[Udf, Any]) -> None:
        self.functions = functions_

    def build(self, node: Node) -> Expr:
        if isinstance(node, nodes.Col):
            return _column(node.name)
        if isinstance(node, nodes.Lit):
            return Expr.literal(node.value)
        if isinstance(node, nodes.Call):
            return self.call(node)
        if isinstance(node, nodes.Builtin):
            return self.builtin(node)
        if isinstance(node, nodes.Binary):
            binary: Expr = _OPERATORS[node.op](self.build(node.left), self.build(node.right))
            return binary
        if isinstance(node, nodes.Cast):
            return self.build(node.arg).cast(node.to)
        if isinstance(node, nodes.InList):
            return functions.in_list(self.build(node.arg), self.all(node.values), node.negated)
        if isinstance(node, nodes.Alias):
            return self.build(node.arg).alias(node.name)
        (first_condition, first_value), *others = node.when
        case = functions.when(self.build(first_condition), self.build(first_value))
        for condition, value in others:
            case = case.when(self.build(condition), self.build(value))
        return case.otherwise(self.build(node.otherwise))

    def builtin(self, node: nodes.Builtin) -> Expr:
        # Some functions deprecate a literal that is wrapped in an expression.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            expr: Expr = getattr(functions, node.name)(*self.all(node.args))
        return expr

    def all(self, several: Sequence[Node]) -> list[Expr]:
        return [self.build(node) for node in several]

    def sort(self, key: Sort) -> Any:
        return self.build(key.arg).sort(key.ascending, key.nulls_first)

    def call(self, node: nodes.Call) -> Expr:
        expr: Expr = self.functions[node.udf](*self.all(node.args))
        builder: Any = expr
        if node.order_by:
            builder = builder.order_by(*[self.sort(key) for key in node.order_by])
        if node.filter is not None:
            builder = builder.filter(self.build(node.filter))
        if node.distinct:
            builder = builder.distinct()
        if builder is not expr:
            expr = builder.build()
        return expr if node.over is None else expr.over(self.window(node.over))

    def window(self, over: nodes.Over) -> Window:
        frame = over.frame
        return Window(
            partition_by=self.all(over.partition_by) or None,
            order_by=[self.sort(key) for key in over.order_by] or None,
            window_frame=WindowFrame(frame.units, frame.start, frame.end) if frame else None,
        )
