from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf


def constant(k):
    return udf(lambda a: pa.array([k] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")


data = constant(0)(col("a")).to_bytes(SessionContext().with_python_udf_inlining(enabled=False))
sessions = [SessionContext() for _ in range(8)]
for k, session in enumerate(sessions):
    session.register_udf(constant(k))


def run(k):
    frame = sessions[k].from_pydict({"a": [1]})
    return frame.select(Expr.from_bytes(data, sessions[k]).alias("r")).to_pydict()["r"]


with ThreadPoolExecutor(8) as threads:
    assert list(threads.map(run, [*range(8)] * 10)) == [[k] for k in range(8)] * 10
