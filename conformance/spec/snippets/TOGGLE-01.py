import pyarrow as pa
from datafusion import SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")

assert b"DFPYUDF" in f(col("a")).to_bytes(SessionContext())
