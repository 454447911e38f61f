"""A logical plan's envelope of an unknown version is refused with a planning error."""

import sys

try:
    import pyarrow as pa
    from datafusion import LogicalPlan, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
session = SessionContext()
plan = session.sql("SELECT * FROM (VALUES (1)) AS t(a)").select(same(col("a"))).logical_plan()
at = (data := plan.to_bytes()).index(b"DFPYUDF")
try:
    LogicalPlan.from_bytes(session, data[:at] + b"DFPYCHN\2" + data[at + 8 :])
except Exception as error:  # noqa: BLE001 - plans raise no other class
    print(f"seen: {error}")
    sys.exit(int(not str(error).startswith("DataFusion error: Execution")))
print("no error at all")
sys.exit(1)
