"""A job as a user writes it; ``nox -s clusters`` sends it to the nodes with ``preflight --expr``.

As a script it refers to nothing that a node must have, but for the engine and pyarrow.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from datafusion import Accumulator, SessionContext, col, udaf, udf

FACTOR = 3


def times(values: pa.Array) -> pa.Array:
    """Return the values times ``FACTOR``."""
    return pc.multiply(values, FACTOR)


class Total(Accumulator):
    """The sum of all values."""

    def __init__(self) -> None:
        self.total = 0

    def state(self) -> list[pa.Scalar]:
        return [pa.scalar(self.total)]

    def update(self, *values: pa.Array) -> None:
        self.total += pc.sum(values[0]).as_py() or 0

    def merge(self, states: list[pa.Array]) -> None:
        self.update(*states)

    def evaluate(self) -> pa.Scalar:
        return pa.scalar(self.total)


INT64 = pa.int64()
scalar = udf(times, [INT64], INT64, "immutable", "times")
aggregate = udaf(Total, [INT64], INT64, [INT64], "immutable", "total")
expression = scalar(col("a")) + 1
query = SessionContext().sql("SELECT 1 AS a").select(expression)

if __name__ == "__main__":
    print(query.to_pydict())
