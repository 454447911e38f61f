"""The receiver's function runs in place of the sender's unpicklable UDF of that name."""

import sys
import threading

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import Expr, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

lock = threading.Lock()
twice = udf(lambda a: (lock, pc.multiply(a, 2))[1], [pa.int64()], pa.int64(), "immutable", "times")
seven = udf(lambda a: pc.multiply(a, 7), [pa.int64()], pa.int64(), "immutable", "times")
receiver = SessionContext()
receiver.register_udf(seven)
try:
    data = twice(col("a")).to_bytes()
except Exception as error:  # noqa: BLE001 - any error keeps the promise
    print(f"kept: {type(error).__name__}: {error}")
    sys.exit(0)
expr = Expr.from_bytes(data, receiver)
result = receiver.from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]
print(f"expected [2], got {result}")
sys.exit(result != [2])
