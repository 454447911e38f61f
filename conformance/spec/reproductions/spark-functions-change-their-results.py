"""A Spark function propagates NULL before it is encoded, and does not after it is decoded."""

import sys

try:
    import pyarrow as pa
    from datafusion import Expr, SessionContext, col, lit, udf
    from datafusion.functions import spark
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.string()], pa.string(), "immutable", "same")
expr = spark.concat(same(col("a")), lit(None).cast(pa.string()))
session = SessionContext()
frame = session.from_pydict({"a": ["x"]})
decoded = Expr.from_bytes(expr.to_bytes(), session)
before, after = (frame.select(one.alias("v")).to_pydict()["v"] for one in (expr, decoded))
print(f"spark.concat('x', NULL) gives {before} before and {after} after the round trip")
sys.exit(before == [None] and after == ["x"])
