from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf


def constant(k, held=None):
    def function(a):
        return (held, pa.array([k] * len(a)))[1]

    return udf(function, [pa.int64()], pa.int64(), "immutable", "f")


data = [constant(k, constant(-k)(col("a")))(col("a")).to_bytes() for k in range(8)]


def run(k):
    expr = Expr.from_bytes(data[k], SessionContext())
    return SessionContext().from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]


with ThreadPoolExecutor(8) as threads:
    assert list(threads.map(run, [*range(8)] * 10)) == [[k] for k in range(8)] * 10
