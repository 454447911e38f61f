"""Queries as data: what a plan is made of, before any subject has planned it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import pyarrow as pa

from conformance.catalogue.nodes import Family, Node, Sort, Udf, udfs

Source = Literal["memory", "values", "csv", "parquet"]
Named: TypeAlias = tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Where:
    """Keeps the rows for which ``condition`` holds."""

    condition: Node


@dataclass(frozen=True)
class Select:
    """Replaces the columns by ``columns``: names, each with its expression."""

    columns: Named


@dataclass(frozen=True)
class Group:
    """Groups by keys and aggregates: names, each with its expression."""

    keys: Named
    values: Named


@dataclass(frozen=True)
class Join:
    """Pairs the rows with each other where ``on`` holds; the others' columns are ``other_...``."""

    on: Node


@dataclass(frozen=True)
class First:
    """Keeps the first row for each value of ``on``, which comes first in ``order``."""

    on: Node
    columns: Named
    order: tuple[Sort, ...]


@dataclass(frozen=True)
class OrderBy:
    """Sorts the rows."""

    keys: tuple[Sort, ...]


@dataclass(frozen=True)
class Limit:
    """Keeps the first rows."""

    rows: int


Step: TypeAlias = Where | Select | Group | Join | First | OrderBy | Limit


@dataclass(frozen=True)
class Query:
    """Steps over one table, with its rows and the result written by hand.

    ``partitions`` are the rows of the table, apart where the source has
    partitions. ``result`` is one list a row, in the order that ``OrderBy``
    gives, and sorted where there is none.
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
            for node in _nodes(step):
                found.update(dict.fromkeys(udfs(node)))
        return tuple(found)

    @property
    def families(self) -> frozenset[Family]:
        """The families of those UDFs."""
        return frozenset(udf.family for udf in self.udfs)

    @property
    def ordered(self) -> bool:
        """Whether the order of the result is fixed."""
        return any(isinstance(step, OrderBy) for step in self.steps)

    def read(self, table: pa.Table) -> list[list[Any]]:
        """The rows of ``table``, in the order in which ``result`` has them."""
        columns = [column.to_pylist() for column in table.columns]
        rows = [list(row) for row in zip(*columns, strict=True)]
        return rows if self.ordered else sorted(rows)

    def batches(self) -> list[pa.RecordBatch]:
        """The table as record batches, one a partition."""
        return [
            pa.RecordBatch.from_pylist(
                [dict(zip(self.schema.names, row, strict=True)) for row in rows], self.schema
            )
            for rows in self.partitions
        ]


def _nodes(step: Step) -> tuple[Node | Sort, ...]:
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
