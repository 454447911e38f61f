import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf


def constant(k):
    return udf(lambda a: pa.array([k] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")


session = SessionContext().with_python_udf_inlining(enabled=False)
data = constant(0)(col("a")).to_bytes(session)
frame = session.from_pydict({"a": [1]})
for k in (1, 2):
    session.register_udf(constant(k))
    expr = Expr.from_bytes(data, session)
    assert frame.select(expr.alias("r")).to_pydict() == {"r": [k]}

session.deregister_udf("f")
try:
    seen = Expr.from_bytes(data, session)
except Exception as error:
    seen = error
assert isinstance(seen, Exception)
