"""Two window UDFs of one name cannot be in one query, aliased or not."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import SessionContext, col, udwf
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
    return udwf(lambda: Times(factor), [pa.int64()], pa.int64(), "immutable", "times")


frame = SessionContext().from_pydict({"a": [1, 2, 3]})
try:
    seen = frame.select(times(2)(col("a")).alias("x"), times(7)(col("a")).alias("y")).to_pydict()
except Exception as error:  # noqa: BLE001 - the script shows the planner's error
    seen = f"{type(error).__name__}: {error}"
print(f"x = 2a, y = 7a: {seen}")
sys.exit(0 if seen == {"x": [2, 4, 6], "y": [7, 14, 21]} else 1)
