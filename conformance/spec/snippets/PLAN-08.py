import pyarrow as pa
from datafusion import SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
session = SessionContext()
frame = session.sql("SELECT * FROM (VALUES (1), (2)) AS t (a)").select(f(col("a")).alias("r"))
strict = SessionContext().with_python_udf_inlining(enabled=False)

assert b"DFPYUDF" not in frame.logical_plan().to_bytes(strict)
