"""An optimized logical plan with NOT IN decodes to one that takes a null for no value."""

import sys

try:
    import pyarrow as pa
    from datafusion import LogicalPlan, SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

context, session = SessionContext(), SessionContext()
i64 = pa.int64()
context.register_udf(udf(lambda a: pa.nulls(len(a), i64), [i64], i64, "immutable", "nothing"))
query = (
    "SELECT a FROM (VALUES (1)) AS t(a) "
    "WHERE a NOT IN (SELECT nothing(b) FROM (VALUES (2)) AS u(b))"
)
print("original:", context.sql(query).to_pylist())
data = context.sql(query).optimized_logical_plan().to_bytes()
frame = session.create_dataframe_from_logical_plan(LogicalPlan.from_bytes(session, data))
rows = frame.to_pylist()
print("decoded:", rows)
sys.exit(rows != [])
