"""A definition that no codec knows is refused, although its name is registered on the receiver."""

import sys

try:
    import pyarrow as pa
    from datafusion import Expr, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
receiver = SessionContext()
receiver.register_udf(same)
data = same(col("a")).to_bytes().replace(b"DFPYUDF", b"UNKNOWN")
try:
    print(f"kept: {Expr.from_bytes(data, receiver)}")
except RuntimeError as error:
    print(f"broken: {error}")
    sys.exit(1)
