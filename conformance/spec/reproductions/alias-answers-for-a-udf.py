"""A Python UDF called "mean" that travels by name comes back as avg, which has that alias."""

import sys

try:
    import pyarrow as pa
    from datafusion import Accumulator, Expr, SessionContext, col, udaf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Nothing(Accumulator):
    def update(self, values):
        pass

    def merge(self, states):
        pass

    def state(self):
        return [pa.scalar(0)]

    def evaluate(self):
        return pa.scalar(0)


mean = udaf(Nothing, pa.int64(), pa.int64(), [pa.int64()], "immutable", "mean")
data = mean(col("a")).to_bytes(SessionContext().with_python_udf_inlining(enabled=False))
try:
    print(f"broken: {Expr.from_bytes(data, SessionContext())}")
    sys.exit(1)
except RuntimeError as error:
    print(f"kept: {error}")
