"""If a worker of a Pool cannot resolve a name, it dies and the driver waits for ever."""

import multiprocessing
import pickle
import sys

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import clear_sender_ctx, set_sender_ctx
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")


class ByName:
    """An expression that was pickled by name."""

    def __reduce__(self):
        return pickle.loads, (data,)


def begin():
    clear_sender_ctx()


set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
data = pickle.dumps(same(col("a")))
pool = multiprocessing.get_context("fork").Pool(1, begin)
try:
    answer = pool.apply_async(str, (ByName(),)).get(3)
except multiprocessing.TimeoutError:
    answer = None
print("the answer, after 3 seconds:", answer)
pool.terminate()
sys.exit(1 if answer is None else 0)
