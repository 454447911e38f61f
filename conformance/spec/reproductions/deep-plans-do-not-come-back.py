"""A logical plan of 60 filters encodes, and does not decode."""

import sys

import pyarrow as pa
from datafusion import LogicalPlan, SessionContext, col, udf

big = udf(lambda a: pa.array([True] * len(a)), [pa.int64()], pa.bool_(), "immutable", "big")
session = SessionContext()
frame = session.sql("SELECT * FROM (VALUES (1)) AS t(a)")
for _ in range(60):
    frame = frame.filter(big(col("a")))
data = frame.logical_plan().to_bytes()
print("encoded:", len(data), "bytes")
try:
    LogicalPlan.from_bytes(session, data)
except Exception as error:  # noqa: BLE001 - the decoder's error is what is shown
    print(f"{type(error).__name__}: {str(error)[:100]} ... {str(error)[-30:]}")
    sys.exit(1)
