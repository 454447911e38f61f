import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
strict = SessionContext().with_python_udf_inlining(enabled=False)
receiver = SessionContext()
receiver.register_udf(f)
expr = Expr.from_bytes(f(col("a")).to_bytes(strict), receiver)
receiver.deregister_udf("f")

assert receiver.from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict() == {"r": [1]}
