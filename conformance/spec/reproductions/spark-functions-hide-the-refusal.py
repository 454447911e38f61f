"""A strict session that gets a UDF inside a Spark function does not say that inlining is off."""

import sys

import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf
from datafusion.functions import spark

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
data = spark.hex(same(col("a"))).to_bytes()
try:
    Expr.from_bytes(data, SessionContext().with_python_udf_inlining(enabled=False))
except Exception as error:  # noqa: BLE001 - the engine raises no class of its own
    print(f"Expr.from_bytes raised {type(error).__name__}: {error}")
    sys.exit("inlining is disabled" not in str(error))
print("decoded on a strict session")
sys.exit(2)
