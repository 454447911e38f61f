"""Decoding an older message resets the class that a live UDF uses, and changes its result."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import Expr, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Times:
    factor = 2

    def __call__(self, a):
        return pc.multiply(a, self.factor)


def result(expr):
    frame = SessionContext().from_pydict({"a": [1, 2, 3]})
    return frame.select(expr.alias("r")).to_pydict()["r"]


times = udf(Times(), [pa.int64()], pa.int64(), "immutable", "times")
old = times(col("a")).to_bytes()
Times.factor = 3
decoded = Expr.from_bytes(times(col("a")).to_bytes(), SessionContext())
before = result(decoded)
Expr.from_bytes(old, SessionContext())
after = result(decoded)
print(f"times 3 gives {before}; after an older message was decoded it gives {after}")
sys.exit(0 if before == after else 1)
