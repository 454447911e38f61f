"""A logical plan with INTERSECT decodes to one in which no null equals another."""

import sys

try:
    import pyarrow as pa
    from datafusion import LogicalPlan, SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

context = SessionContext()
i64 = pa.int64()
context.register_udf(udf(lambda a: pa.nulls(len(a), i64), [i64], i64, "immutable", "nothing"))
query = (
    "SELECT nothing(a) AS v FROM (VALUES (1)) AS t(a) "
    "INTERSECT SELECT nothing(a) FROM (VALUES (2)) AS u(a)"
)
data = context.sql(query).logical_plan().to_bytes()
session = SessionContext()
frame = session.create_dataframe_from_logical_plan(LogicalPlan.from_bytes(session, data))
rows = frame.to_pylist()
print(rows)
sys.exit(rows != [{"v": None}])
