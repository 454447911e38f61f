"""A round trip of a physical plan loses the metadata of a function's return field."""

import sys

try:
    import pyarrow as pa
    from datafusion import ExecutionPlan, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

context = SessionContext()
tagged = udf(
    lambda a: a, [pa.int64()], pa.field("r", pa.int64(), metadata={"k": "v"}), "immutable", "tagged"
)
rows = context.sql("SELECT * FROM (VALUES (1)) AS t(a)")


def metadata(plan):
    (batch,) = context.execute(plan, 0)
    return batch.to_pyarrow().schema.field(0).metadata


plan = rows.select(tagged(col("a")).alias("r")).execution_plan()
before = metadata(plan)
after = metadata(ExecutionPlan.from_bytes(context, plan.to_bytes(context)))
print(f"before {before}, after {after}")
sys.exit(before != after)
