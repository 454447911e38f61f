"""A decoded logical plan takes a column of the wrong table: `"a.b"` becomes table b of schema a."""

import sys

try:
    import pyarrow as pa
    from datafusion import LogicalPlan, SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

context = SessionContext()
context.register_udf(udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same"))
context.sql("CREATE SCHEMA a")
context.sql("CREATE VIEW a.b AS SELECT 1 AS v")
query = 'SELECT same("a.b".v) AS v FROM a.b CROSS JOIN (SELECT 5 AS v) AS "a.b"'
print("original:", context.sql(query).to_pylist())
data = context.sql(query).logical_plan().to_bytes()
session = SessionContext()
frame = session.create_dataframe_from_logical_plan(LogicalPlan.from_bytes(session, data))
rows = frame.to_pylist()
print("decoded:", rows)
sys.exit(rows != [{"v": 5}])
