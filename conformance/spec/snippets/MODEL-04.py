import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf


def constant(k):
    return udf(lambda a: pa.array([k] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")


frame = SessionContext().from_pydict({"a": [1]})
data = [constant(k)(col("a")).to_bytes() for k in range(3)]

for k in (0, 1, 2, 1, 0):
    expr = Expr.from_bytes(data[k], SessionContext())
    assert frame.select(expr.alias("r")).to_pydict() == {"r": [k]}
