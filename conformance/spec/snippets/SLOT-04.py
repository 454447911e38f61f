import pickle

import pyarrow as pa
from datafusion import col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")

assert b"DFPYUDF" in f(col("a")).to_bytes()
assert b"DFPYUDF" in pickle.dumps(f(col("a")))
