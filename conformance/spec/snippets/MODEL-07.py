import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))
decoded = expr

for _ in range(3):
    decoded = Expr.from_bytes(decoded.to_bytes(), SessionContext())
    assert str(decoded) == str(expr)
