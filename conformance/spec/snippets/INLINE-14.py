import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
receiver = SessionContext()
Expr.from_bytes(f(col("a")).to_bytes(), receiver)

try:
    receiver.sql("SELECT f(1)")
except Exception as error:
    print(error)
else:
    raise AssertionError("expected an error: decoding must register nothing")
