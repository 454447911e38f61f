"""A catalogue entry: an expression, its input, and the result written by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from conformance.catalogue.nodes import Family, Node, Udf, udfs


@dataclass(frozen=True)
class Entry:
    """One expression with its input and its expected result.

    ``batches`` are the input, a tuple of columns-as-lists, one partition each;
    all of them have ``schema``. ``result`` is what a person worked out: one
    Python value a row in input order, or, where ``group_by`` names columns,
    one ``[key, ..., value]`` a group in the order of the keys. An aggregate
    without ``group_by`` has one value.
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
        """The families of those UDFs."""
        return frozenset(udf.family for udf in self.udfs)

    @property
    def aggregates(self) -> bool:
        """Whether the outermost call is an aggregate without a window."""
        from conformance.catalogue.nodes import Alias, Call

        node = self.expr.arg if isinstance(self.expr, Alias) else self.expr
        return isinstance(node, Call) and node.udf.family == "aggregate" and node.over is None

    def tables(self) -> list[pa.RecordBatch]:
        """Return the input as record batches, one a partition."""
        return [pa.RecordBatch.from_pydict(batch, schema=self.schema) for batch in self.batches]
