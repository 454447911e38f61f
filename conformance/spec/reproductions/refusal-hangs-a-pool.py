"""If a worker of a Pool refuses a frame, the worker dies and the driver waits for ever."""

import multiprocessing
import sys

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import set_worker_ctx
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")


def begin():
    set_worker_ctx(SessionContext().with_python_udf_inlining(enabled=False))


pool = multiprocessing.get_context("fork").Pool(1, begin)
try:
    answer = pool.apply_async(str, (same(col("a")),)).get(3)
except multiprocessing.TimeoutError:
    answer = None
print("the answer, after 3 seconds:", answer)
pool.terminate()
sys.exit(1 if answer is None else 0)
