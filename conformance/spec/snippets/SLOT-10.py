import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf
from datafusion.ipc import set_worker_ctx

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
set_worker_ctx(SessionContext().with_python_udf_inlining(enabled=False))
set_worker_ctx(SessionContext())

Expr.from_bytes(f(col("a")).to_bytes())  # must not raise the refusal of a strict session
