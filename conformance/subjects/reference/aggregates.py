"""Aggregate functions over groups: a state in each partition, merged into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from conformance.subjects.reference.columns import (
    Rows,
    Values,
    array_of,
    as_scalar,
    decode_metadata,
)
from conformance.subjects.reference.components import TreeEvaluator
from conformance.subjects.reference.functions import Builtin, Function
from conformance.subjects.reference.ordering import sort_rows
from conformance.subjects.reference.tree import Call

VALUE = "conformance_value"


@dataclass(frozen=True)
class Groups:
    """The keys of the groups in their order, and each partition's rows of each group."""

    keys: Sequence[tuple[Any, ...]]
    members: Sequence[dict[tuple[Any, ...], list[int]]]


class Aggregates:
    """Works aggregate calls out."""

    def __init__(self, evaluator: TreeEvaluator) -> None:
        self.evaluator = evaluator

    def groups(self, partitions: Sequence[Rows], group_by: Sequence[str]) -> Groups:
        """Return the groups by these columns; without any, all rows are one."""
        members = []
        for rows in partitions:
            columns = [rows.columns[name].array.to_pylist() for name in group_by]
            found: dict[tuple[Any, ...], list[int]] = {}
            for row in range(rows.count):
                found.setdefault(tuple(column[row] for column in columns), []).append(row)
            members.append(found)
        keys = dict.fromkeys(key for found in members for key in found) if group_by else [()]
        return Groups(sorted(keys, key=_nulls_last), members)

    def add_keys(self, groups: Groups, group_by: Sequence[str], values: pa.Array) -> pa.Array:
        """Structs of the groups' keys and values."""
        columns = [pa.array(column) for column in zip(*groups.keys, strict=True)]
        return pa.StructArray.from_arrays([*columns, values], [*group_by, VALUE])

    def values(self, call: Call, partitions: Sequence[Rows], groups: Groups) -> Values:
        """Return the value of a call for each group."""
        results = []
        for key in groups.keys:
            there = [
                rows.take(members[key])
                for rows, members in zip(partitions, groups.members, strict=True)
                if key in members
            ]
            per_partition = [self.arguments(call, rows) for rows in there]
            arguments = [columns for columns in per_partition if columns is not None]
            if call.distinct:
                arguments = self.distinct(arguments)
            results.append(self.result(call.function, arguments))
        if isinstance(call.function, Builtin):
            return Values(pa.array(results))
        declared = call.function.returns
        return Values(array_of(results, declared.type), decode_metadata(declared.metadata))

    def arguments(self, call: Call, rows: Rows) -> list[pa.Array] | None:
        """Return what ``update`` is handed of these rows: arguments, then sort keys."""
        if call.filter is not None:
            mask = self.evaluator.values(call.filter, rows).array.to_pylist()
            rows = rows.take([row for row, holds in enumerate(mask) if holds])
        if call.order_by:
            rows = rows.take(sort_rows(self.evaluator, call.order_by, rows, range(rows.count)))
        if not rows.count:
            return None
        args = [self.evaluator.values(arg, rows) for arg in call.args]
        keys = [self.evaluator.values(key.arg, rows).array for key in call.order_by]
        if isinstance(call.function, Builtin):
            return [values.array for values in args]
        return [*self.evaluator.arguments(call.function, args), *keys]

    def distinct(self, partitions: Sequence[list[pa.Array]]) -> list[list[pa.Array]]:
        """Return the arguments of all partitions in one, each only once."""
        if not partitions:
            return []
        columns = [pa.concat_arrays(column) for column in zip(*partitions, strict=True)]
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        first: dict[Any, int] = {}
        for row, values in enumerate(rows):
            first.setdefault(repr(values), row)
        where = pa.array(first.values(), pa.int64())
        return [[column.take(where) for column in columns]]

    def result(self, function: Function | Builtin, partitions: Sequence[list[pa.Array]]) -> Any:
        """Return the value of one group."""
        if isinstance(function, Builtin):
            sums = [pc.sum(columns[0]) for columns in partitions]
            return pc.sum(pa.array(sums)) if sums else pa.scalar(None)
        states = [self.state(function, columns) for columns in partitions]
        return self.merge_states(function, states)

    def state(self, function: Function, columns: Sequence[pa.Array]) -> list[pa.Scalar]:
        """Return the state of one partition."""
        accumulator = function.implementation()
        accumulator.update(*columns)
        return self.cast_state(function, accumulator.state())

    def cast_state(self, function: Function, state: Sequence[Any]) -> list[pa.Scalar]:
        """Return a state, as the fields declare it."""
        pairs = zip(state, function.state, strict=True)
        return [as_scalar(value, field.type) for value, field in pairs]

    def merge_states(self, function: Function, states: Sequence[list[pa.Scalar]]) -> pa.Scalar:
        """Return the value of several partitions' states."""
        accumulator = function.implementation()
        if states:
            columns = zip(*states, strict=True)
            pairs = zip(columns, function.state, strict=True)
            accumulator.merge([array_of(column, field.type) for column, field in pairs])
        return as_scalar(accumulator.evaluate(), function.returns.type)


def _nulls_last(key: tuple[Any, ...]) -> list[tuple[bool, Any]]:
    return [(value is None, 0 if value is None else value) for value in key]
