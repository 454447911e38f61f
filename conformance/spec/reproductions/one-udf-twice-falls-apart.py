"""An expression that calls one aggregate UDF twice runs before a round trip, but not after it."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import Expr, SessionContext, col, udaf
    from datafusion.user_defined import Accumulator
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Sum(Accumulator):
    def __init__(self, factor):
        self.factor, self.total = factor, 0

    def update(self, a):
        self.total += self.factor * pc.sum(a).as_py()

    def merge(self, states):
        self.total += pc.sum(states[0]).as_py()

    def state(self):
        return [pa.scalar(self.total)]

    def evaluate(self):
        return pa.scalar(self.total)


def times(factor):
    i64 = pa.int64()
    return udaf(lambda: Sum(factor), [i64], i64, [i64], "immutable", "times")


frame = SessionContext().from_pydict({"a": [1, 2, 3]})
seven = times(7)
expr = seven(col("a")) + seven(col("a"))
print("before:", frame.aggregate([], [expr.alias("r")]).to_pydict())
try:
    again = Expr.from_bytes(expr.to_bytes())
    print("after:", frame.aggregate([], [again.alias("r")]).to_pydict())
except Exception as error:  # noqa: BLE001 - the script shows the planner's error
    print(f"after: {type(error).__name__}: {error}")
    sys.exit(1)
