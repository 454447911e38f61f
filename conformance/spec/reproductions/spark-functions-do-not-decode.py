"""An expression with a Spark function does not decode, though built-in functions travel along."""

import sys

try:
    import pyarrow as pa
    from datafusion import Expr, SessionContext, col, udf
    from datafusion.functions import spark
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
data = spark.hex(same(col("a"))).to_bytes()
try:
    Expr.from_bytes(data, SessionContext())
except Exception as error:  # noqa: BLE001 - the engine raises no class of its own
    print(f"Expr.from_bytes raised {type(error).__name__}: {error}")
    sys.exit("LogicalExtensionCodec is not provided" in str(error))
print("decoded")
