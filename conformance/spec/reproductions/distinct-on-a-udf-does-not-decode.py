"""A plan with a UDF in DISTINCT ON and in ORDER BY is written, but does not decode."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import LogicalPlan, SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

context = SessionContext()
i64 = pa.int64()
context.register_udf(udf(lambda a: pc.multiply(a, 3), [i64], i64, "immutable", "tri"))
query = "SELECT DISTINCT ON (tri(a)) a FROM (VALUES (1), (2)) AS t(a) ORDER BY tri(a), a"
data = context.sql(query).logical_plan().to_bytes()
try:
    plan = LogicalPlan.from_bytes(SessionContext(), data)
except Exception as error:  # noqa: BLE001 - the script shows the planner's error
    print(f"{type(error).__name__}: {error}")
    sys.exit(1)
print(plan)
