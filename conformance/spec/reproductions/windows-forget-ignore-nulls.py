"""A physical plan decodes to one whose window counts the nulls of a UDF, despite IGNORE NULLS."""

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


def not_one(a):
    return pc.if_else(pc.equal(a, 1), None, a)


context.register_udf(udf(not_one, [i64], i64, "immutable", "not_one"))
query = """
SELECT first_value(not_one(a)) IGNORE NULLS OVER () AS v
FROM (VALUES (1), (2), (3)) AS t(a)
"""
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
