from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf


def constant(k):
    return udf(lambda a: pa.array([k] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")


data = [constant(k)(col("a")).to_bytes() for k in range(8)]
strict = SessionContext().with_python_udf_inlining(enabled=False)


def run(k):
    with suppress(Exception):
        return str(Expr.from_bytes(data[k], strict))  # must raise
    expr = Expr.from_bytes(data[k], SessionContext())
    return SessionContext().from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]


with ThreadPoolExecutor(8) as threads:
    assert list(threads.map(run, [*range(8)] * 10)) == [[k] for k in range(8)] * 10
