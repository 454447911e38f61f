import cloudpickle
import pyarrow as pa
from datafusion import Accumulator, col, udaf


class Nothing(Accumulator):
    update = merge = state = evaluate = None


state = [pa.int64(), pa.string()]
data = udaf(Nothing, [pa.int64()], pa.int64(), state, "immutable", "f")(col("a")).to_bytes()
_, _, _, _, written, *_ = cloudpickle.loads(data[data.index(b"DFPYUDA") + 10 :])

assert pa.ipc.read_schema(pa.py_buffer(written)).types == state
