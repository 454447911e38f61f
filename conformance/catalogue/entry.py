"""A catalogue entry: an expression, its input and its hand-written result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from conformance.catalogue.nodes import Family, Node, Udf, udfs


@dataclass(frozen=True)
class Entry:
    """One expression with its input and its expected result.

    Each of ``batches`` is one partition of the input: lists of values by column
    name. All batches have the schema ``schema``. ``result`` is worked out by
    hand: one Python value per row, in input order. With ``group_by`` it is one
    ``[key, ..., value]`` per group, sorted by the keys. An aggregate without
    ``group_by`` has one value.
    """

    id: str
    note: str
    expr: Node
    schema: pa.Schema
    batches: tuple[dict[str, list[Any]], ...]
    result: list[Any]
    group_by: tuple[str, ...] = ()
    result_type: pa.DataType | None = None

    @property
    def udfs(self) -> tuple[Udf, ...]:
        """The Python UDFs in the expression, each once."""
        return udfs(self.expr)

    @property
    def families(self) -> frozenset[Family]:
        """The families of the UDFs in the expression."""
        return frozenset(udf.family for udf in self.udfs)

    @property
    def is_aggregate(self) -> bool:
        """True if the outermost call is an aggregate UDF without a window."""
        from conformance.catalogue.nodes import Alias, Call

        node = self.expr.arg if isinstance(self.expr, Alias) else self.expr
        return isinstance(node, Call) and node.udf.family == "aggregate" and node.over is None

    def record_batches(self) -> list[pa.RecordBatch]:
        """Return the input as record batches, one per partition."""
        return [pa.RecordBatch.from_pydict(batch, schema=self.schema) for batch in self.batches]
