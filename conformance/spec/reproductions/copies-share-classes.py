"""A copy of an aggregate UDF counts what the original has seen."""

import copy
import sys

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udaf
    from datafusion.user_defined import Accumulator
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def make(seen):
    class Count(Accumulator):
        def update(self, a):
            seen.update(a.to_pylist())

        def merge(self, states):
            pass

        def state(self):
            return [pa.scalar(0)]

        def evaluate(self):
            return pa.scalar(len(seen))

    return Count


def run(expr, *values):
    frame = SessionContext().from_pydict({"a": [*values]})
    return frame.aggregate([], [expr.alias("r")]).to_pydict()["r"][0]


i64 = pa.int64()
original = udaf(make(set()), [i64], i64, [i64], "immutable", "counter")(col("a"))
copied = copy.copy(original)
run(original, 1, 2, 3)
count = run(copied, 4, 5)
print(f"the copy has seen 2 values; it counts {count}")
sys.exit(0 if count == 2 else 1)
