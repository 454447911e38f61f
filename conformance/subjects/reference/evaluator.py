"""Trees to values, by calling the Python in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from conformance.subjects.reference.aggregates import Aggregates
from conformance.subjects.reference.columns import (
    Rows,
    Values,
    cast,
    check_result,
    prepare_argument,
    repeat,
)
from conformance.subjects.reference.errors import ExecutionError, PlanError
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.tree import (
    Alias,
    Binary,
    Call,
    CaseExpr,
    Cast,
    Column,
    InList,
    Literal,
    Tree,
    children,
)
from conformance.subjects.reference.windows import Windows


def _modulo(left: pa.Array, right: pa.Array) -> pa.Array:
    return pc.subtract(left, pc.multiply(pc.divide(left, right), right))


_OPERATORS: dict[str, Any] = {
    "+": pc.add,
    "-": pc.subtract,
    "*": pc.multiply,
    "/": pc.divide,
    "%": _modulo,
    "==": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
    "and": pc.and_kleene,
    "or": pc.or_kleene,
}


class Evaluator:
    """Works trees out over rows."""

    aggregates_class: type[Aggregates] = Aggregates
    windows_class: type[Windows] = Windows

    def __init__(self) -> None:
        self.aggregates = self.aggregates_class(self)
        self.windows = self.windows_class(self)

    def rows(self, tree: Tree, batches: Sequence[pa.RecordBatch]) -> Values:
        """Return the values of ``tree`` for all rows, in their order."""
        return self.values(tree, Rows.of(batches))

    def aggregate(
        self, tree: Tree, batches: Sequence[pa.RecordBatch], group_by: Sequence[str]
    ) -> pa.Array:
        """Return the value of ``tree`` over all rows, or one a group, after the group's keys."""
        partitions = [Rows.of([batch]) for batch in batches]
        groups = self.aggregates.groups(partitions, group_by)
        known = {
            id(call): self.aggregates.values(call, partitions, groups)
            for call in aggregate_calls(tree)
        }
        values = self.values(tree, Rows({}, len(groups.keys), known)).array
        return self.aggregates.add_keys(groups, group_by, values) if group_by else values

    def values(self, tree: Tree, rows: Rows) -> Values:
        """Return the values of ``tree`` for these rows."""
        found = rows.known.get(id(tree))
        if found is not None:
            return found
        if isinstance(tree, Column):
            if tree.name not in rows.columns:
                raise PlanError(f"there is no column {tree.name!r}")
            return rows.columns[tree.name]
        if isinstance(tree, Literal):
            return Values(repeat(tree.value, rows.count), dict(tree.metadata))
        if isinstance(tree, Alias):
            inner = self.values(tree.arg, rows)
            return Values(inner.array, dict(tree.metadata) or inner.metadata)
        if isinstance(tree, Cast):
            inner = self.values(tree.arg, rows)
            return Values(cast(inner.array, tree.to), inner.metadata)
        if isinstance(tree, Call):
            return self.call(tree, rows)
        return Values(self.compute(tree, rows))

    def compute(self, tree: Binary | CaseExpr | InList, rows: Rows) -> pa.Array:
        """Return what has no field of its own."""
        if isinstance(tree, Binary):
            both = (self.values(one, rows).array for one in (tree.left, tree.right))
            return _OPERATORS[tree.op](*both)
        if isinstance(tree, InList):
            arg = self.values(tree.arg, rows).array
            found = repeat(pa.scalar(False), rows.count)
            for value in tree.values:
                found = pc.or_kleene(found, pc.equal(arg, self.values(value, rows).array))
            return pc.invert(found) if tree.negated else found
        return self.case(tree, rows)

    def case(self, tree: CaseExpr, rows: Rows) -> pa.Array:
        """Return the value of the first condition that holds, row by row."""
        pairs = [[self.values(one, rows).array for one in pair] for pair in tree.when]
        type_ = pairs[0][1].type
        if tree.otherwise is None:
            result = pa.nulls(rows.count, type_)
        else:
            result = self.values(tree.otherwise, rows).array
        for condition, value in reversed(pairs):
            result = pc.if_else(pc.fill_null(condition, False), value, result)
        return result

    def call(self, call: Call, rows: Rows) -> Values:
        """Return the value of a call for each row."""
        if call.window is not None:
            return self.windows.values(call, rows)
        if call.function.family != "scalar":
            raise PlanError(f"{call.function.name!r} is called where no rows are aggregated")
        args = [self.values(arg, rows) for arg in call.args]
        if isinstance(call.function, Builtin):
            return self.builtin(call.function, args, rows.count)
        return self.scalar(call.function, args, rows.count)

    def scalar(self, function: Function, args: Sequence[Values], count: int) -> Values:
        """Return what a scalar UDF gives."""
        result = function.implementation(*self.arguments(function, args))
        return check_result(result, function.returns, count, function.name)

    def arguments(self, function: Function, args: Sequence[Values]) -> list[pa.Array]:
        """Return what a UDF is handed."""
        if len(args) != len(function.inputs):
            wanted = f"{len(function.inputs)} arguments"
            raise PlanError(f"{function.name!r} takes {wanted} and is called with {len(args)}")
        pairs = zip(args, function.inputs, strict=True)
        return [prepare_argument(values, type_) for values, type_ in pairs]

    def builtin(self, function: Builtin, args: Sequence[Values], count: int) -> Values:
        """Return what a built-in function gives."""
        arrays = [values.array for values in args]
        if function.name == "abs":
            return Values(pc.abs(*arrays))
        if function.name == "coalesce":
            return Values(pc.coalesce(*arrays))
        if function.name == "arrow_metadata":
            value = args[0].metadata.get(arrays[1][0].as_py()) if count else None
            return Values(repeat(pa.scalar(value, pa.string()), count))
        raise ExecutionError(f"{function.name!r} is not a scalar function")


def aggregate_calls(tree: Tree) -> list[Call]:
    """Return the calls in ``tree`` that aggregate its rows."""
    found: list[Call] = []
    left = [tree]
    while left:
        one = left.pop()
        if isinstance(one, Call) and one.window is None and one.function.family == "aggregate":
            found.append(one)
        else:
            left += children(one)
    return found
