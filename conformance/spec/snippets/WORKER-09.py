import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pyarrow as pa
from datafusion import SessionContext, col, udf


def times(k):
    return udf(lambda a: pa.array([k] * len(a)), [pa.int64()], pa.int64(), "immutable", "times")


def run(expr):
    return SessionContext().from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]


with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
    pool.submit(int).result()  # all workers start before the threads
    with ThreadPoolExecutor(4) as threads:
        seen = list(threads.map(lambda k: pool.submit(run, times(k)(col("a"))).result(), range(20)))

assert seen == [[k] for k in range(20)]
