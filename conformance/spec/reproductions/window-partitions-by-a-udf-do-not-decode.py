"""A physical plan with a UDF in PARTITION BY of a window is written, but does not run."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import ExecutionPlan, SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

context = SessionContext()
i64 = pa.int64()
context.register_udf(udf(lambda a: pc.multiply(a, 3), [i64], i64, "immutable", "tri"))
query = """
SELECT a, sum(a) OVER (PARTITION BY tri(a) ROWS UNBOUNDED PRECEDING) AS s
FROM (VALUES (1), (2)) AS t(a)
"""
data = context.sql(query).execution_plan().to_bytes()
try:
    session = SessionContext()
    plan = ExecutionPlan.from_bytes(session, data)
    batches = [b for n in range(plan.partition_count) for b in session.execute(plan, n)]
except Exception as error:  # noqa: BLE001 - the script shows the engine's error
    print(f"{type(error).__name__}: {error}")
    sys.exit(1)
print(f"{len(batches)} batches")
