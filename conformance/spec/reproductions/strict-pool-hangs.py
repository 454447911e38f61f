"""Driver and worker are strict and have the name; Pool sends the UDF inline and hangs."""

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


def begin():
    session = SessionContext().with_python_udf_inlining(enabled=False)
    session.register_udf(same)
    set_worker_ctx(session)


set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
pool = multiprocessing.get_context("fork").Pool(1, begin)
try:
    answer = pool.apply_async(str, (same(col("a")),)).get(3)
except multiprocessing.TimeoutError:
    answer = None
print("the answer, after 3 seconds:", answer)
pool.terminate()
sys.exit(1 if answer is None else 0)
