"""One UDF of an expression travels inline; the other, which holds a lock, travels by name."""

import sys
import threading

try:
    import pyarrow as pa
    from datafusion import col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

lock = threading.Lock()
plain = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "plain")
held = udf(lambda a: (lock, a)[1], [pa.int64()], pa.int64(), "immutable", "held")
try:
    data = (plain(col("a")) + held(col("a"))).to_bytes()
except Exception as error:  # noqa: BLE001 - any error keeps the promise
    print(f"kept: {type(error).__name__}: {error}")
    sys.exit(0)
print(f"broken: no error; frames in the bytes: {data.count(b'DFPYUDF')} of 2")
sys.exit(1)
