import cloudpickle
import pyarrow as pa
from datafusion import col, udf

names = {"__name__": "not_importable"}
exec("def same(a): return a", names)
f = udf(names["same"], [pa.int64()], pa.int64(), "immutable", "f")
data = f(col("a")).to_bytes()
_, function, *_ = cloudpickle.loads(data[data.index(b"DFPYUDF") + 10 :])

assert function(7) == 7
