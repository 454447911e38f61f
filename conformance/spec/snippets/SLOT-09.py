import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf
from datafusion.ipc import set_sender_ctx

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
data = f(col("a")).to_bytes()
set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))

Expr.from_bytes(data)  # must not raise the refusal of a strict session
