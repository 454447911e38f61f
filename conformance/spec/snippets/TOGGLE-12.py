import pyarrow as pa
from datafusion import SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
strict = SessionContext().with_python_udf_inlining(enabled=False)
last = strict.with_python_udf_inlining(enabled=True).with_python_udf_inlining(enabled=False)

assert b"DFPYUDF" not in f(col("a")).to_bytes(last)
