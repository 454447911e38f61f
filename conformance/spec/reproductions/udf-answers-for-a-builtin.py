"""A built-in function in the bytes becomes the UDF that the receiver registered under its name."""

import sys

try:
    import pyarrow as pa
    from datafusion import Expr, SessionContext, col, functions, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

data = functions.abs(col("a")).to_bytes()
receiver = SessionContext()
receiver.register_udf(
    udf(lambda a: pa.array([7] * len(a)), [pa.int64()], pa.int64(), "immutable", "abs")
)
expr = Expr.from_bytes(data, receiver)
result = receiver.from_pydict({"a": [-1]}).select(expr.alias("r")).to_pydict()["r"]
print(f"abs(-1) is [1]; the decoded expression gives {result}")
sys.exit(0 if result == [1] else 1)
