"""A strict session that gets a codec, itself strict, decodes an inline frame."""

import sys

try:
    import pyarrow as pa
    from datafusion import Expr, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
codec = SessionContext().with_python_udf_inlining(enabled=False)
strict = SessionContext().with_python_udf_inlining(enabled=False)
strict = strict.with_logical_extension_codec(codec)
data = same(col("a")).to_bytes()
try:
    print(f"broken: decoded to {Expr.from_bytes(data, strict)}")
    sys.exit(1)
except RuntimeError as error:
    print(f"kept: {error}")
