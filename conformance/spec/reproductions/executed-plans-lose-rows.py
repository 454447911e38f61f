"""A physical plan with a top-k that is encoded after its execution drops rows when decoded."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import ExecutionPlan, SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

session = SessionContext()
session.register_udf(udf(pc.negate, [pa.int64()], pa.int64(), "immutable", "minus"))
query = "SELECT a FROM (VALUES (1), (2), (3)) AS t(a) ORDER BY minus(a) LIMIT 2"


def run(plan):
    partitions = range(plan.partition_count)
    batches = [batch.to_pyarrow() for n in partitions for batch in session.execute(plan, n)]
    return [value for batch in batches for value in batch.column("a").to_pylist()]


plan = session.sql(query).execution_plan()
print("encoded before execution:", run(ExecutionPlan.from_bytes(session, plan.to_bytes())))
print("result of the execution:", run(plan))
after = run(ExecutionPlan.from_bytes(session, plan.to_bytes()))
print("encoded after execution:", after)
sys.exit(after != [3, 2])
