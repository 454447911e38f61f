import pyarrow as pa
from datafusion import SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
session = SessionContext()
strict = session.with_python_udf_inlining(enabled=False)

assert strict is not session
assert b"DFPYUDF" in f(col("a")).to_bytes(session)
