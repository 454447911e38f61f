import pyarrow as pa
from datafusion import SessionContext, col, udf
from datafusion.ipc import set_sender_ctx

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
strict = SessionContext().with_python_udf_inlining(enabled=False)
set_sender_ctx(strict)

assert b"DFPYUDF" in f(col("a")).to_bytes(SessionContext())
assert b"DFPYUDF" not in f(col("a")).to_bytes(strict)
