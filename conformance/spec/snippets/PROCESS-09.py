import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pyarrow as pa
from datafusion import SessionContext, col, udf


def make():
    f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
    return f(col("a"))


with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as executor:
    expr = executor.submit(make).result()
frame = SessionContext().from_pydict({"a": [1]})

assert frame.select(expr.alias("r")).to_pydict() == {"r": [-7]}
