from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf


def constant(k):
    return udf(lambda a: pa.array([k] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")


session = SessionContext()
session.register_udf(constant(-1))
by_name = constant(0)(col("a")).to_bytes(session.with_python_udf_inlining(enabled=False))
data = [by_name, *(constant(k)(col("a")).to_bytes() for k in range(1, 8))]


def run(k):
    expr = Expr.from_bytes(data[k], session)
    return SessionContext().from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]


with ThreadPoolExecutor(8) as threads:
    seen = list(threads.map(run, [*range(8)] * 10))
assert seen == [[-1], [1], [2], [3], [4], [5], [6], [7]] * 10
