"""A worker that is forked after a query with many partitions hangs in a query of its own."""

import multiprocessing
import sys

try:
    from datafusion import SessionConfig, SessionContext, col
    from datafusion import functions as f
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def query():
    session = SessionContext(SessionConfig().with_target_partitions(4))
    frame = session.from_pydict({"a": list(range(1000)), "k": [0, 1] * 500})
    return frame.repartition(4).aggregate([col("k")], [f.sum(col("a"))]).count()


print("groups in the driver:", query())
pool = multiprocessing.get_context("fork").Pool(1)
try:
    answer = pool.apply_async(query).get(3)
except multiprocessing.TimeoutError:
    answer = None
print("groups in the worker, after 3 seconds:", answer)
pool.terminate()
sys.exit(1 if answer is None else 0)
