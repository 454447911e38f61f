import pyarrow as pa
from datafusion import col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
g = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "g")

assert f(g(col("a"))).to_bytes().count(b"DFPYUDF") == 2
