import pickle

import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
expr = f(col("a"))
inlining = SessionContext()
strict = inlining.with_python_udf_inlining(enabled=False)

for _ in range(2):
    assert b"DFPYUDF" in expr.to_bytes(inlining)
    assert b"DFPYUDF" not in expr.to_bytes(strict)
    ipc.set_sender_ctx(strict)
    assert b"DFPYUDF" not in pickle.dumps(expr)
    ipc.clear_sender_ctx()
    assert b"DFPYUDF" in pickle.dumps(expr)
