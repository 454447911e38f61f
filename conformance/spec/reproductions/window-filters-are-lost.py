"""A physical plan with an aggregate UDF over a window decodes to one without the FILTER."""

import sys

try:
    import pyarrow as pa
    from datafusion import Accumulator, ExecutionPlan, SessionContext, udaf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Count(Accumulator):
    """Counts the rows."""

    def __init__(self):
        self.rows = 0

    def update(self, values):
        self.rows += len(values)

    def merge(self, states):
        self.rows += sum(states[0].to_pylist())

    def state(self):
        return [pa.scalar(self.rows)]

    def evaluate(self):
        return pa.scalar(self.rows)


context = SessionContext()
i64 = pa.int64()
context.register_udaf(udaf(Count, [i64], i64, [i64], "immutable", "rows"))
query = "SELECT rows(a) FILTER (WHERE a > 1) OVER () AS v FROM (VALUES (1), (2), (3)) AS t(a)"
data = context.sql(query).execution_plan().to_bytes()
session = SessionContext()
plan = ExecutionPlan.from_bytes(session, data)
found = [
    b.to_pyarrow().to_pylist()
    for n in range(plan.partition_count)
    for b in session.execute(plan, n)
]
rows = [row["v"] for batch in found for row in batch]
print(rows)
sys.exit(rows != [2, 2, 2])
