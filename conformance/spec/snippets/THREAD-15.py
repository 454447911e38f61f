from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

barrier = Barrier(8)


def constant(k):
    return udf(lambda a: pa.array([k] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")


def run(k):
    barrier.wait()
    expr = Expr.from_bytes(constant(k)(col("a")).to_bytes(), SessionContext())
    return SessionContext().from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]


with ThreadPoolExecutor(8) as threads:
    assert list(threads.map(run, range(8))) == [[k] for k in range(8)]
