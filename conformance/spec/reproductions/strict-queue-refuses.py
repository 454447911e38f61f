"""Both sides are strict and have the name; Queue sends the UDF inline, and it is refused."""

import multiprocessing
import sys

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import set_sender_ctx, set_worker_ctx
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
session = SessionContext().with_python_udf_inlining(enabled=False)
session.register_udf(same)
set_sender_ctx(session)
set_worker_ctx(session)
queue = multiprocessing.get_context("fork").Queue()
queue.put(same(col("a")))
try:
    print("received:", queue.get())
except RuntimeError as error:
    print("refused:", error)
    sys.exit(1)
