import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
inlining = SessionContext()
strict = inlining.with_python_udf_inlining(enabled=False)
data = f(col("a")).to_bytes()

for _ in range(2):
    Expr.from_bytes(data, inlining)  # must not raise
    try:
        seen = Expr.from_bytes(data, strict)
    except Exception as error:
        seen = error
    assert "inlining is disabled" in str(seen)
