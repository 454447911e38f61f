"""A UDF that cannot be pickled travels by name, without an error."""

import sys
import threading

try:
    import pyarrow as pa
    from datafusion import col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

lock = threading.Lock()
held = udf(lambda a: (lock, a)[1], [pa.int64()], pa.int64(), "immutable", "held")
try:
    data = held(col("a")).to_bytes()
except Exception as error:  # noqa: BLE001 - any error keeps the promise
    print(f"kept: {type(error).__name__}: {error}")
    sys.exit(0)
print(f"broken: no error; {len(data)} bytes, a frame in them: {b'DFPY' in data}")
sys.exit(1)
