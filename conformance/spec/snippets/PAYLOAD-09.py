import cloudpickle
import pyarrow as pa
from datafusion import col, udf

data = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")(col("a")).to_bytes()
_, _, _, returns, *_ = cloudpickle.loads(data[data.index(b"DFPYUDF") + 10 :])

assert pa.ipc.read_schema(pa.py_buffer(returns)).types == [pa.int64()]
