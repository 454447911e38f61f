import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pyarrow as pa
from datafusion import SessionContext, col, udf

f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")


def run(expr):
    return SessionContext().from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]


if __name__ == "__main__":
    for start in ("fork", "forkserver", "spawn"):
        with ProcessPoolExecutor(1, multiprocessing.get_context(start)) as executor:
            assert executor.submit(run, f(col("a"))).result() == [-7], start
