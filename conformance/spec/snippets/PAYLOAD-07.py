import cloudpickle
import pyarrow as pa
from datafusion import col, udf

declared = pa.field("a", pa.int64(), nullable=False)
data = udf(lambda a: a, [declared], pa.int64(), "immutable", "f")(col("a")).to_bytes()
_, _, inputs, *_ = cloudpickle.loads(data[data.index(b"DFPYUDF") + 10 :])

assert [field.nullable for field in pa.ipc.read_schema(pa.py_buffer(inputs))] == [True]
