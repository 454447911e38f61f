"""After a copy of an expression, its accumulator class has the closures of the copy."""

import copy
import sys

try:
    import pyarrow as pa
    from datafusion import Accumulator, SessionContext, col, udaf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def make_accumulator(calls):
    class Count(Accumulator):
        total = 0

        def update(self, values):
            calls.append(1)
            self.total += len(values)

        def merge(self, states):
            self.total += sum(states[0].to_pylist())

        def state(self):
            return [pa.scalar(self.total)]

        def evaluate(self):
            return pa.scalar(self.total)

    return Count


calls = []
count = udaf(make_accumulator(calls), pa.int64(), pa.int64(), [pa.int64()], "immutable", "count_")
expr = count(col("a"))
copy.copy(expr)
frame = SessionContext().from_pydict({"a": [1, 2, 3]})
print("result", frame.aggregate([], [expr.alias("v")]).to_pydict()["v"])
print(f"the original's own list of calls has {len(calls)} items")
sys.exit(not calls)
