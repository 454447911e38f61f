"""The metadata of a UDF's result is lost when a physical plan is decoded."""

import sys

try:
    import pyarrow as pa
    from datafusion import ExecutionPlan, SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

length = pa.field("length", pa.int64(), metadata={"unit": "mm"})
session = SessionContext()
session.register_udf(udf(lambda a: a, [pa.int64()], length, "immutable", "f"))
plan = session.sql("SELECT f(a) AS r FROM (VALUES (1)) AS t(a)").execution_plan()
data = plan.to_bytes()


def metadata(plan):
    (batch,) = session.execute(plan, 0)
    return batch.to_pyarrow().schema.field("r").metadata


print("before:", metadata(plan))
after = metadata(ExecutionPlan.from_bytes(session, data))
print("after:", after)
sys.exit(after != {b"unit": b"mm"})
