"""Plans of 60 steps encode but do not decode: filters, with limits that prevent merging."""

import sys

try:
    import pyarrow as pa
    from datafusion import ExecutionPlan, LogicalPlan, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

big = udf(lambda a: pa.array([True] * len(a)), [pa.int64()], pa.bool_(), "immutable", "big")
session = SessionContext()
frame = session.sql("SELECT * FROM (VALUES (1)) AS t(a)")
for _ in range(30):
    frame = frame.filter(big(col("a"))).limit(1)
refused = 0
for plan, kind in ((frame.logical_plan(), LogicalPlan), (frame.execution_plan(), ExecutionPlan)):
    data = plan.to_bytes()
    print("encoded:", len(data), "bytes")
    try:
        kind.from_bytes(session, data)
    except Exception as error:  # noqa: BLE001 - the script shows the decoder's error
        print(f"{type(error).__name__}: {str(error)[:100]} ... {str(error)[-30:]}")
        refused += 1
sys.exit(1 if refused == 2 else 0)
