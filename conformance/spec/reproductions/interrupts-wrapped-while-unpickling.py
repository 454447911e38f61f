"""A KeyboardInterrupt while a UDF is unpickled becomes a RuntimeError."""

import sys

try:
    import pyarrow as pa
    from datafusion import Expr, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def stop():
    raise KeyboardInterrupt


class Interrupts:
    def __call__(self, a):
        return a

    def __reduce__(self):
        return stop, ()


data = udf(Interrupts(), [pa.int64()], pa.int64(), "immutable", "slow")(col("a")).to_bytes()
try:
    Expr.from_bytes(data)
except KeyboardInterrupt:
    print("kept: KeyboardInterrupt")
except RuntimeError as error:
    print(f"broken: RuntimeError: {str(error)[:120]}")
    sys.exit(1)
