"""Pools pickle in a thread of their own, which ignores the driver's strict sender slot."""

import multiprocessing
import pickle
import sys
from concurrent.futures import ProcessPoolExecutor

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import set_sender_ctx
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

fork = multiprocessing.get_context("fork")
expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")(col("a"))


class Sent:
    """An object that sends the worker the bytes as which the expression was pickled."""

    def __reduce__(self):
        return bytes, (pickle.dumps(expr),)


def is_inline(data):
    return b"DFPYUDF" in data


set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
inline = {"pickle.dumps": is_inline(pickle.dumps(expr))}
with fork.Pool(1) as pool:
    inline["Pool"] = pool.apply(is_inline, (Sent(),))
with ProcessPoolExecutor(1, fork) as executor:
    inline["ProcessPoolExecutor"] = executor.submit(is_inline, Sent()).result()
queue = fork.Queue()
queue.put(Sent())
inline["Queue"] = is_inline(queue.get())
print("the UDF left the strict driver inline:", inline)
sys.exit(1 if any(inline.values()) else 0)
