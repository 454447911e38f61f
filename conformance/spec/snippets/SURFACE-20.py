import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
frame = f(col("a")).to_bytes()
strict = SessionContext().with_python_udf_inlining(enabled=False)
strict.sql("SET datafusion.execution.batch_size = 100").collect()
strict.refresh_catalogs()

try:
    Expr.from_bytes(frame, strict)
except RuntimeError as error:
    assert "inlining is disabled" in str(error)
else:
    raise AssertionError("the frame was decoded")
