import pickle

import pyarrow as pa
from datafusion import SessionContext, col, udf
from datafusion.ipc import set_sender_ctx

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))

assert b"DFPYUDF" not in pickle.dumps(f(col("a")))
