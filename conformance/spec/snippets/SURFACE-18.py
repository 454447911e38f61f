import pyarrow as pa
from datafusion import RuntimeEnvBuilder, SessionConfig, SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
made = SessionContext(SessionConfig(), RuntimeEnvBuilder())
strict = made.with_python_udf_inlining(enabled=False)

assert b"DFPYUDF" in f(col("a")).to_bytes(made)
assert b"DFPYUDF" not in f(col("a")).to_bytes(strict)
