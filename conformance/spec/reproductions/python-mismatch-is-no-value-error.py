"""A frame of another Python is refused, but not with the promised ValueError."""

import sys

try:
    import pyarrow as pa
    from datafusion import Expr, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
data = bytearray(same(col("a")).to_bytes())
data[data.index(b"DFPYUDF") + 9] += 1
try:
    Expr.from_bytes(bytes(data))
except ValueError as error:
    print(f"kept: {error}")
    sys.exit(0)
except Exception as error:  # noqa: BLE001 - the script shows its class
    print(f"broken: {type(error).__name__}: {error}")
    sys.exit(1)
sys.exit("broken: no error at all")
