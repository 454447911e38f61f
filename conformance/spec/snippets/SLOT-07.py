import pickle

import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf
from datafusion.ipc import set_sender_ctx, set_worker_ctx

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
strict = SessionContext().with_python_udf_inlining(enabled=False)
receiver = SessionContext()
receiver.register_udf(f)
set_sender_ctx(strict)
set_worker_ctx(receiver)

Expr.from_bytes(f(col("a")).to_bytes(strict))  # must not raise
pickle.loads(pickle.dumps(f(col("a"))))  # must not raise
