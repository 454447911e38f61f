"""An expression that calls one window UDF twice runs before a round trip, but not after it."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import Expr, SessionContext, col, udwf
    from datafusion.user_defined import WindowEvaluator
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Times(WindowEvaluator):
    def __init__(self, factor):
        self.factor = factor

    def evaluate_all(self, values, num_rows):
        return pc.multiply(values[0], self.factor)


def times(factor):
    i64 = pa.int64()
    return udwf(lambda: Times(factor), [i64], i64, "immutable", "times")


frame = SessionContext().from_pydict({"a": [1, 2, 3]})
seven = times(7)
expr = seven(col("a")) + seven(col("a"))
print("before:", frame.select(expr.alias("r")).to_pydict())
try:
    again = Expr.from_bytes(expr.to_bytes())
    print("after:", frame.select(again.alias("r")).to_pydict())
except Exception as error:  # noqa: BLE001 - the script shows the planner's error
    print(f"after: {type(error).__name__}: {error}")
    sys.exit(1)
