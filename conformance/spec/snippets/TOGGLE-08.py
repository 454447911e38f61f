import pyarrow as pa
from datafusion import SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
session = SessionContext()
again = session.with_python_udf_inlining(enabled=False).with_python_udf_inlining(enabled=True)

assert f(col("a")).to_bytes(again) == f(col("a")).to_bytes(session)
