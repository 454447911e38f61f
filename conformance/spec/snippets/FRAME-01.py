import pyarrow as pa
from datafusion import col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
data = f(col("a")).to_bytes()

assert data.count(b"DFPYUDF") == 1
