import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pyarrow as pa
from datafusion import SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")


def run(expr):
    return SessionContext().from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]


with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as executor:
    assert executor.submit(run, f(col("a"))).result() == [1]
    workers = multiprocessing.active_children()

assert workers
assert not any(worker.is_alive() for worker in workers)
