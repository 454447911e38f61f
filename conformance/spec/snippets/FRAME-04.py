import sys

import pyarrow as pa
from datafusion import col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
data = f(col("a")).to_bytes()
frame = data[data.index(b"DFPYUDF") :]

assert tuple(frame[8:10]) == sys.version_info[:2], frame[:10]
