from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf


def constant(k):
    return udf(lambda a: pa.array([k] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")


session = SessionContext()
session.register_udf(constant(0))
data = constant(0)(col("a")).to_bytes(session.with_python_udf_inlining(enabled=False))


def run(_):
    expr = Expr.from_bytes(data, session)
    return SessionContext().from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"][0]


with ThreadPoolExecutor(4) as threads:
    seen = threads.map(run, range(100))
    for k in range(1000):
        session.register_udf(constant(k % 2))
assert {*seen} <= {0, 1}
