"""An expression with a Spark function decodes to another function."""

import sys

try:
    import pyarrow as pa
    from datafusion import Expr, SessionContext, col, udf
    from datafusion.functions import spark
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
expr = spark.array_contains(same(col("a")), col("b"))
decoded = Expr.from_bytes(expr.to_bytes(), SessionContext())
print(f"encoded {expr}, decoded {decoded}")
sys.exit(str(decoded) != str(expr))
