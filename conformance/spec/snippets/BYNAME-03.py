import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
strict = SessionContext().with_python_udf_inlining(enabled=False)
receiver = SessionContext()
negative = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
receiver.register_udf(negative)
expr = Expr.from_bytes(f(col("a")).to_bytes(strict), receiver)

assert receiver.from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict() == {"r": [-7]}
