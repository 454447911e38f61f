import cloudpickle
import pyarrow as pa
from datafusion import col, udf

declared = pa.field("r", pa.int64(), nullable=False)
data = udf(lambda a: a, [pa.int64()], declared, "immutable", "f")(col("a")).to_bytes()
_, _, _, returns, *_ = cloudpickle.loads(data[data.index(b"DFPYUDF") + 10 :])

assert not pa.ipc.read_schema(pa.py_buffer(returns)).field(0).nullable
