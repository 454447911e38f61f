"""Query steps: a description of a query that depends on no engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import pyarrow as pa

from conformance.catalogue.nodes import Family, Node, Sort, Udf, udfs

Source = Literal["memory", "values", "csv", "parquet"]
Named: TypeAlias = tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Where:
    """Keep the rows for which ``condition`` is true."""

    condition: Node


@dataclass(frozen=True)
class Select:
    """Replace all columns with ``columns``, pairs of a name and an expression."""

    columns: Named


@dataclass(frozen=True)
class Group:
    """Group by ``keys`` and aggregate ``values``, both pairs of a name and an expression."""

    keys: Named
    values: Named


@dataclass(frozen=True)
class Join:
    """Join the table with itself on ``on``; the right-hand columns are named ``other_...``."""

    on: Node


@dataclass(frozen=True)
class First:
    """Keep the first row per value of ``on``; the sort keys in ``order`` begin with ``on``."""

    on: Node
    columns: Named
    order: tuple[Sort, ...]


@dataclass(frozen=True)
class OrderBy:
    """Sort the rows."""

    keys: tuple[Sort, ...]


@dataclass(frozen=True)
class Limit:
    """Keep the first ``rows`` rows."""

    rows: int


Step: TypeAlias = Where | Select | Group | Join | First | OrderBy | Limit


@dataclass(frozen=True)
class Query:
    """Steps over one table, with the rows of the table and a hand-written result.

    ``partitions`` are the rows of the table by partition; a source without
    partitions holds them all in one. ``result`` is one list per row: in the order
    of the last ``OrderBy`` step, or sorted if there is none.
    """

    id: str
    note: str
    source: Source
    schema: pa.Schema
    partitions: tuple[tuple[tuple[Any, ...], ...], ...]
    steps: tuple[Step, ...]
    result: list[list[Any]]

    @property
    def udfs(self) -> tuple[Udf, ...]:
        """The Python UDFs in the query, each once."""
        found: dict[Udf, None] = {}
        for step in self.steps:
            for node in _nodes_of(step):
                found.update(dict.fromkeys(udfs(node)))
        return tuple(found)

    @property
    def families(self) -> frozenset[Family]:
        """The families of the UDFs in the query."""
        return frozenset(udf.family for udf in self.udfs)

    @property
    def ordered(self) -> bool:
        """True if a step fixes the order of the result."""
        return any(isinstance(step, OrderBy) for step in self.steps)

    def result_rows(self, table: pa.Table) -> list[list[Any]]:
        """Return the rows of ``table``, in an order comparable with ``result``."""
        columns = [column.to_pylist() for column in table.columns]
        rows = [list(row) for row in zip(*columns, strict=True)]
        return rows if self.ordered else sorted(rows)

    def record_batches(self) -> list[pa.RecordBatch]:
        """Return the table as record batches, one per partition."""
        return [
            pa.RecordBatch.from_pylist(
                [dict(zip(self.schema.names, row, strict=True)) for row in rows], self.schema
            )
            for rows in self.partitions
        ]


def _nodes_of(step: Step) -> tuple[Node | Sort, ...]:
    if isinstance(step, Where):
        return (step.condition,)
    if isinstance(step, Select):
        return tuple(node for _, node in step.columns)
    if isinstance(step, Group):
        return tuple(node for _, node in (*step.keys, *step.values))
    if isinstance(step, Join):
        return (step.on,)
    if isinstance(step, First):
        return (step.on, *(node for _, node in step.columns), *step.order)
    return step.keys if isinstance(step, OrderBy) else ()
