import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
expr = f(col("a")) + col("b")

assert str(Expr.from_bytes(expr.to_bytes(), SessionContext())) == str(expr)
