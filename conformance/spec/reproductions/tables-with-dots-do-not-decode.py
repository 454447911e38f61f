"""A logical plan with a UDF of a column does not decode if the name of the table has a dot."""

import sys

try:
    import pyarrow as pa
    from datafusion import LogicalPlan, SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

context = SessionContext()
context.register_udf(udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same"))
query = 'SELECT same("a.b".v) AS v FROM (SELECT 5 AS v) AS "a.b"'
print("original:", context.sql(query).to_pylist())
data = context.sql(query).logical_plan().to_bytes()
try:
    LogicalPlan.from_bytes(SessionContext(), data)
except Exception as error:  # noqa: BLE001 - the script shows what is raised
    print(f"decoding: {error}")
    sys.exit(1)
print("decoded")
