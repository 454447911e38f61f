import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
session = SessionContext()
expr = Expr.from_bytes(f(col("a")).to_bytes(), session)

assert session.from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict() == {"r": [-7]}
