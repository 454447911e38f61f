"""Aggregate UDFs that collect all values and differ only in the result."""

from __future__ import annotations

import pyarrow as pa

from conformance.catalogue.build import INT, aggregate_udf

_COLLECT = """
import pyarrow as pa
class f(Accumulator):
    def __init__(self):
        self.seen = []
    def update(self, a):
        self.seen += a.to_pylist()
    def merge(self, states):
        for values in states[0].to_pylist():
            self.seen += values
    def state(self):
        return [pa.scalar(self.seen, pa.list_(pa.int64()))]
    def evaluate(self):
        seen = sorted(self.seen, reverse=True)
"""
LIST = aggregate_udf(
    "aggregate/list-result",
    _COLLECT + "        return pa.scalar(seen, pa.list_(pa.int64()))\n",
    [INT],
    pa.list_(INT),
    [pa.list_(INT)],
)
RANGE_TYPE = pa.struct([("high", INT), ("low", INT), ("count", pa.int32())])
STRUCT = aggregate_udf(
    "aggregate/struct-result",
    _COLLECT
    + """\
        type_ = pa.struct([("high", pa.int64()), ("low", pa.int64()), ("count", pa.int32())])
        return pa.scalar({"high": seen[0], "low": seen[-1], "count": len(seen)}, type_)
""",
    [INT],
    RANGE_TYPE,
    [pa.list_(INT)],
)
STABLE = aggregate_udf(
    "aggregate/stable",
    _COLLECT + "        return pa.scalar(seen[0] * 100 + seen[1], pa.int64())\n",
    [INT],
    INT,
    [pa.list_(INT)],
    name='Größte "zwei"',
    volatility="stable",
)
VOLATILE = aggregate_udf(
    "aggregate/volatile",
    _COLLECT + "        return pa.scalar(seen[0] - seen[-1], pa.int64())\n",
    [INT],
    INT,
    [pa.list_(INT)],
    volatility="volatile",
)
