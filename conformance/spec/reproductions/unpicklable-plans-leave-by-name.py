"""A UDF that cannot be pickled travels by name in a logical plan, without an error."""

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
    data = frame.logical_plan().to_bytes(context)
except Exception as error:  # noqa: BLE001 - any error keeps the promise
    print(f"kept: {type(error).__name__}: {error}")
    sys.exit(0)
print(f"broken: no error; {len(data)} bytes, a frame in them: {b'DFPY' in data}")
sys.exit(1)
