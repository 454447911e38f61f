"""UDFs, columns and literals from which the expressions of the catalogue are built."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

import pyarrow as pa

from conformance.catalogue.build import (
    BOOL,
    FLOAT,
    INT,
    TEXT,
    aggregate_udf,
    scalar_udf,
    window_udf,
)
from conformance.catalogue.nodes import Call, Col, Lit, Node

TRIPLE = scalar_udf(
    "expression/triple",
    """
    import pyarrow.compute as pc
    f = lambda a: pc.subtract(pc.multiply(a, 3), 1)
    """,
    [INT],
    INT,
)
MINUS = scalar_udf(
    "expression/minus",
    """
    import pyarrow.compute as pc
    def f(a, b):
        return pc.subtract(a, b)
    """,
    [INT, INT],
    INT,
)
ODD = scalar_udf(
    "expression/odd",
    """
    import pyarrow as pa
    f = lambda a: pa.array([None if x is None else x % 2 == 1 for x in a.to_pylist()], pa.bool_())
    """,
    [INT],
    BOOL,
)
PARITY = scalar_udf(
    "expression/parity",
    """
    import pyarrow as pa
    def f(a):
        return pa.array(["odd" if x % 2 else "even" for x in a.to_pylist()])
    """,
    [INT],
    TEXT,
)
_TWIN_BODIES = ("pc.add(a, 5)", "pc.multiply(a, 7)")
TWINS = tuple(
    scalar_udf(
        f"expression/twin-{number}",
        f"import pyarrow.compute as pc\nf = lambda a: {body}\n",
        [INT],
        INT,
        name="twin",
    )
    for number, body in enumerate(_TWIN_BODIES, 1)
)
VOLATILE_TWINS = tuple(
    replace(twin, id=f"{twin.id}-volatile", volatility="volatile") for twin in TWINS
)
WINDOW_TWINS = tuple(
    window_udf(
        f"expression/window-twin-{number}",
        f"""
        import pyarrow as pa
        class f(WindowEvaluator):
            def evaluate_all(self, values, num_rows):
                numbers = values[0].to_pylist()
                return pa.array([{body} for x in numbers], pa.int64())
        """,
        [INT],
        INT,
        name="twin",
    )
    for number, body in enumerate(["x - min(numbers)", "max(numbers) * x"], 1)
)
AGGREGATE_TWIN = aggregate_udf(
    "expression/aggregate-twin",
    """
    import pyarrow as pa
    class f(Accumulator):
        def __init__(self):
            self.total = 0
        def update(self, a):
            self.total += sum(a.to_pylist())
        def merge(self, states):
            self.total += sum(states[0].to_pylist())
        def state(self):
            return [pa.scalar(self.total, pa.int64())]
        def evaluate(self):
            return pa.scalar(-self.total, pa.int64())
    """,
    [INT],
    INT,
    [INT],
    name="twin",
)
_DESCRIBE = """
import pyarrow as pa
def f(*columns):
    rows = zip(*(column.to_pylist() for column in columns))
    return pa.array(["|".join(str(value) for value in row) for row in rows])
"""
SIMPLE = scalar_udf("expression/describe-simple", _DESCRIBE, [INT, INT, FLOAT, TEXT, BOOL], TEXT)
SCALARS = {
    pa.scalar(b"\xff\x00", pa.binary()): r"b'\xff\x00'",
    pa.scalar(date(2024, 2, 29), pa.date32()): "2024-02-29",
    pa.scalar(datetime(1999, 12, 31, 23, 59), pa.timestamp("us")): "1999-12-31 23:59:00",
    pa.scalar(time(1, 2, 3), pa.time64("us")): "01:02:03",
    pa.scalar(Decimal("-1.50"), pa.decimal128(6, 2)): "-1.50",
    pa.scalar(255, pa.uint8()): "255",
    pa.scalar(-128, pa.int8()): "-128",
    pa.scalar(0.1, pa.float32()): "0.10000000149011612",
}
TYPED = scalar_udf(
    "expression/describe-typed", _DESCRIBE, [INT, *(value.type for value in SCALARS)], TEXT
)
NULL_INT = Lit(pa.scalar(None, INT))
NULL_OR = scalar_udf(
    "expression/null-or",
    """
    import pyarrow as pa
    def f(a, b):
        rows = zip(a.to_pylist(), b.to_pylist())
        return pa.array([-x if y is None else y for x, y in rows], pa.int64())
    """,
    [INT, INT],
    INT,
)
ADDERS = tuple(
    scalar_udf(
        f"expression/adder-{number}",
        f"""
        import pyarrow.compute as pc
        def make(step):
            return lambda a: pc.add(pc.multiply(a, 2), step)
        f = make({number})
        """,
        [INT],
        INT,
    )
    for number in range(8)
)
COL = Col("a")
A = {"a": INT}
AB = {"a": INT, "b": INT}
KEYED = {"g": TEXT, "a": INT}
PAIRS = aggregate_udf(
    "expression/pairs",
    """
                import pyarrow as pa
                class f(Accumulator):
                    def __init__(self):
                        self.total = 0
                    def update(self, a, *order):
                        rows = zip(a.to_pylist(), order[0].to_pylist())
                        self.total += sum(x * key for x, key in rows)
                    def merge(self, states):
                        self.total += sum(states[0].to_pylist())
                    def state(self):
                        return [pa.scalar(self.total, pa.int64())]
                    def evaluate(self):
                        return pa.scalar(self.total, pa.int64())
                """,
    [INT],
    INT,
    [INT],
)


def triple(node: Node) -> Node:
    """Call ``TRIPLE`` on ``node``."""
    return Call(TRIPLE, (node,))
