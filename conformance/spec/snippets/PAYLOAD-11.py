import cloudpickle
import pyarrow as pa
from datafusion import col, udf

declared = pa.field("r", pa.int64(), metadata={"unit": "mm"})
data = udf(lambda a: a, [pa.int64()], declared, "immutable", "f")(col("a")).to_bytes()
_, _, _, returns, *_ = cloudpickle.loads(data[data.index(b"DFPYUDF") + 10 :])

assert pa.ipc.read_schema(pa.py_buffer(returns)).field(0).metadata == {b"unit": b"mm"}
