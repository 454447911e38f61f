"""Window functions over partitions, and aggregate functions over windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from conformance.subjects.reference.columns import (
    Rows,
    Values,
    array_of,
    as_scalar,
    check_result,
    combine_chunks,
    decode_metadata,
)
from conformance.subjects.reference.components import TreeEvaluator
from conformance.subjects.reference.errors import ExecutionError
from conformance.subjects.reference.frames import Bounds, tied_ranges
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.ordering import sort_by_values
from conformance.subjects.reference.tree import Call


class Windows:
    """Works window calls out."""

    def __init__(self, evaluator: TreeEvaluator) -> None:
        self.evaluator = evaluator

    def values(self, call: Call, rows: Rows) -> Values:
        """Return the values of a window call, in the order of the rows."""
        window, function = call.window, call.function
        assert window is not None
        if call.filter is not None or call.distinct:
            raise ExecutionError(f"{function.name!r} is called over windows with no filter here")
        args = [self.evaluator.values(arg, rows) for arg in call.args]
        columns = self.arguments(function, args)
        sorted_by = [self.evaluator.values(key.arg, rows).array for key in window.order_by]
        keys = [
            (key, column.to_pylist())
            for key, column in zip(window.order_by, sorted_by, strict=True)
        ]
        chunks, places = [], []
        for members in self.partitions(call, rows):
            order = sort_by_values(keys, members)
            where = pa.array(order, pa.int64())
            sorted_keys = [(key, [column[row] for row in order]) for key, column in keys]
            taken = [column.take(where) for column in columns]
            bounds = Bounds(window.frame, len(order), sorted_keys)
            by = [column.take(where) for column in sorted_by]
            chunks.append(self.partition(function, taken, by, bounds))
            places += order
        whole = combine_chunks(pa.chunked_array(chunks, self.type_of(function, columns)))
        placed = whole.take(pc.array_sort_indices(pa.array(places, pa.int64())))
        return Values(placed, self.metadata_of(function))

    def arguments(self, function: Function | Builtin, args: Sequence[Values]) -> list[pa.Array]:
        """Return what a function is handed."""
        if isinstance(function, Builtin):
            return [values.array for values in args]
        return self.evaluator.arguments(function, args)

    def type_of(self, function: Function | Builtin, columns: Sequence[pa.Array]) -> pa.DataType:
        """Return the type of a function's values."""
        return columns[0].type if isinstance(function, Builtin) else function.returns.type

    def metadata_of(self, function: Function | Builtin) -> Mapping[str, str]:
        """Return the metadata of the field of a function's values."""
        return {} if isinstance(function, Builtin) else decode_metadata(function.returns.metadata)

    def partitions(self, call: Call, rows: Rows) -> list[list[int]]:
        """Return the rows of each partition."""
        assert call.window is not None
        keys = [
            self.evaluator.values(key, rows).array.to_pylist() for key in call.window.partition_by
        ]
        found: dict[tuple[Any, ...], list[int]] = {}
        for row in range(rows.count):
            found.setdefault(tuple(column[row] for column in keys), []).append(row)
        return list(found.values())

    def partition(
        self,
        function: Function | Builtin,
        columns: Sequence[pa.Array],
        by: Sequence[pa.Array],
        bounds: Bounds,
    ) -> pa.Array:
        """Return the results of one partition, in its order; ``by`` are its sort keys."""
        if isinstance(function, Builtin):
            return self.builtin(function, columns, bounds.count)
        if function.family == "aggregate":
            return self.aggregate(function, columns, bounds)
        evaluator = function.implementation()
        if evaluator.uses_window_frame():
            ranges = [bounds.of(row) for row in range(bounds.count)]
            columns = [*columns, *by]  # an evaluator with a frame gets the sort keys, too
        elif evaluator.include_rank():
            ranks = tied_ranges(bounds.keys, bounds.count)
            result = evaluator.evaluate_all_with_rank(bounds.count, ranks)
            return check_result(result, function.returns, bounds.count, function.name).array
        elif evaluator.supports_bounded_execution():
            ranges = [evaluator.get_range(row, bounds.count) for row in range(bounds.count)]
        else:
            result = evaluator.evaluate_all(list(columns), bounds.count)
            return check_result(result, function.returns, bounds.count, function.name).array
        type_ = function.returns.type
        results = [as_scalar(evaluator.evaluate(list(columns), one), type_) for one in ranges]
        return array_of(results, type_)

    def builtin(self, function: Builtin, columns: Sequence[pa.Array], count: int) -> pa.Array:
        """Return the results of a built-in function."""
        if function.name != "lag":
            raise ExecutionError(f"{function.name!r} is not called over windows here")
        (column,) = columns
        before = [None if row == 0 else row - 1 for row in range(count)]
        return column.take(pa.array(before, pa.int64()))

    def aggregate(
        self, function: Function, columns: Sequence[pa.Array], bounds: Bounds
    ) -> pa.Array:
        """Return an accumulator that rows come into, and leave where it gives them back."""
        results: list[pa.Scalar] = []
        accumulator, start, end = function.implementation(), 0, 0
        type_ = function.returns.type
        for row in range(bounds.count):
            first, last = bounds.of(row)
            if results and (first, last) == (start, end):
                results.append(results[-1])
                continue
            if first > start and not self.gives_back(accumulator):
                accumulator, start, end = function.implementation(), first, first
            if last > end:
                accumulator.update(*self.cut(columns, end, last))
            if first > start:
                accumulator.retract_batch(*self.cut(columns, start, first))
            start, end = first, last
            results.append(as_scalar(accumulator.evaluate(), type_))
        return array_of(results, type_)

    def gives_back(self, accumulator: Any) -> bool:
        """Return whether an accumulator takes rows back."""
        asked = getattr(accumulator, "supports_retract_batch", None)
        return bool(asked and asked())

    def cut(self, columns: Sequence[pa.Array], start: int, end: int) -> list[pa.Array]:
        """Return some rows of columns."""
        return [column.slice(start, end - start) for column in columns]
