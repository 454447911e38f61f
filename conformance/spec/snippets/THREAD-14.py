from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "mine")
session = SessionContext()
data = f(col("a")).to_bytes(session.with_python_udf_inlining(enabled=False))


def run(_):
    try:
        expr = Expr.from_bytes(data, session)
    except Exception as error:
        return str(error)
    return SessionContext().from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]


with ThreadPoolExecutor(4) as threads:
    seen = threads.map(run, range(100))
    for _ in range(1000):
        session.register_udf(f)
        session.deregister_udf("mine")
assert all(one == [-7] or "mine" in one for one in seen)
