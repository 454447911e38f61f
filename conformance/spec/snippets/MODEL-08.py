from contextlib import suppress

import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))
data = expr.to_bytes()

for length in range(0, len(data), 50):
    with suppress(Exception):
        Expr.from_bytes(data[:length], SessionContext())
    assert str(Expr.from_bytes(data, SessionContext())) == str(expr)
