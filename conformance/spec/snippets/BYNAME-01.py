import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
strict = SessionContext().with_python_udf_inlining(enabled=False)
receiver = SessionContext().with_python_udf_inlining(enabled=False)
receiver.register_udf(f)

Expr.from_bytes(f(col("a")).to_bytes(strict), receiver)  # must not raise
