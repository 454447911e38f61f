"""Driver and worker are strict and have the name; the executor sends the UDF inline and breaks."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import set_sender_ctx, set_worker_ctx
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")


def begin():
    session = SessionContext().with_python_udf_inlining(enabled=False)
    session.register_udf(same)
    set_worker_ctx(session)


set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
with ProcessPoolExecutor(1, multiprocessing.get_context("fork"), begin) as executor:
    error = executor.submit(str, same(col("a"))).exception()
print("the error:", error)
sys.exit(1 if error else 0)
