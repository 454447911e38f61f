"""A strict sender's UDF called ``abs`` becomes the built-in on a receiver without that UDF."""

import sys

try:
    import pyarrow as pa
    from datafusion import Expr, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

mine = udf(lambda a: pa.array([7] * len(a)), [pa.int64()], pa.int64(), "immutable", "abs")
data = mine(col("a")).to_bytes(SessionContext().with_python_udf_inlining(enabled=False))
receiver = SessionContext()
try:
    expr = Expr.from_bytes(data, receiver)
except RuntimeError as error:
    print(f"kept: {error}")
    sys.exit(0)
result = receiver.from_pydict({"a": [-1]}).select(expr.alias("r")).to_pydict()["r"]
print(f"broken: no error; the sender's function gives [7], the receiver's {result}")
sys.exit(1)
