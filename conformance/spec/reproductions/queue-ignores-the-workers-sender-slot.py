"""A worker's Queue pickles in a thread of its own, which ignores the strict sender slot."""

import multiprocessing
import pickle
import sys

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
    """An object that sends the bytes as which the expression was pickled."""

    def __reduce__(self):
        return bytes, (pickle.dumps(expr),)


def work(queue):
    set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
    queue.put(Sent())


queue = fork.Queue()
process = fork.Process(target=work, args=(queue,))
process.start()
inline = b"DFPYUDF" in queue.get()
process.join()
print("the UDF left the strict worker inline:", inline)
sys.exit(1 if inline else 0)
