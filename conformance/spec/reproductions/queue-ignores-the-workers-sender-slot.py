"""A worker's Queue pickles in a thread of its own, where its strict sender slot is not seen."""

import multiprocessing
import pickle
import sys

import pyarrow as pa
from datafusion import SessionContext, col, udf
from datafusion.ipc import set_sender_ctx

fork = multiprocessing.get_context("fork")
expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")(col("a"))


class Sent:
    """Tells how the expression was pickled on the way."""

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
print("whether a strict worker's UDF came back inline:", inline)
sys.exit(1 if inline else 0)
