import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
strict = SessionContext().with_python_udf_inlining(enabled=False)

try:
    Expr.from_bytes(f(col("a")).to_bytes(strict), SessionContext())
except Exception as error:
    print(error)
else:
    raise AssertionError("expected an error: no f is registered")
