import cloudpickle
import pyarrow as pa
from datafusion import col, udf

declared = [pa.int64(), pa.list_(pa.string())]
f = udf(lambda *columns: columns[0], declared, pa.int64(), "immutable", "f")
data = f(col("a"), col("b")).to_bytes()
_, _, inputs, *_ = cloudpickle.loads(data[data.index(b"DFPYUDF") + 10 :])

assert pa.ipc.read_schema(pa.py_buffer(inputs)).types == declared
