"""The error of a physical plan whose UDF cannot be pickled does not say which UDF it is."""

import sys
import threading

import pyarrow as pa
from datafusion import SessionContext, col, udf

lock = threading.Lock()
held = udf(lambda a: (lock, a)[1], [pa.int64()], pa.int64(), "immutable", "held")
context = SessionContext()
frame = context.sql("SELECT * FROM (VALUES (1)) AS t(a)").select(held(col("a")))
try:
    frame.execution_plan().to_bytes(context)
    said = "nothing"
except Exception as error:  # noqa: BLE001 - whatever it is, it should name the UDF
    said = str(error)
print(f"said: {said.splitlines()[0]}")
sys.exit("held" not in said)
