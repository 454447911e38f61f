"""Two aggregate UDFs of one name fail in one expression; in two aliased columns they merge."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import SessionContext, col, udaf
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
two, seven = times(2)(col("a")), times(7)(col("a"))
apart = frame.aggregate([], [two.alias("x"), seven.alias("y")]).to_pydict()
print(f"x = 2 sum(a), y = 7 sum(a): {apart}")
try:
    together = frame.aggregate([], [(seven - two).alias("z")]).to_pydict()
except Exception as error:  # noqa: BLE001 - the script shows the planner's error
    together = f"{type(error).__name__}: {error}"
print(f"z = 7 sum(a) - 2 sum(a): {together}")
sys.exit(0 if (apart, together) == ({"x": [12], "y": [42]}, {"z": [30]}) else 1)
