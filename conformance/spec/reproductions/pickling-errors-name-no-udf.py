"""The error for a physical plan with an unpicklable UDF does not name the UDF."""

import sys
import threading

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

lock = threading.Lock()
held = udf(lambda a: (lock, a)[1], [pa.int64()], pa.int64(), "immutable", "held")
context = SessionContext()
frame = context.sql("SELECT * FROM (VALUES (1)) AS t(a)").select(held(col("a")))
try:
    frame.execution_plan().to_bytes(context)
    message = "nothing"
except Exception as error:  # noqa: BLE001 - any error should name the UDF
    message = str(error)
print(f"message: {message.splitlines()[0]}")
sys.exit("held" not in message)
