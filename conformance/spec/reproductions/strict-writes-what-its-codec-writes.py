"""A session made strict after it got a codec that inlines passes on the codec's bare frame."""

import sys

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
inlining = SessionContext()
session = SessionContext().with_logical_extension_codec(inlining)
strict = session.with_python_udf_inlining(enabled=False)
data = same(col("a")).to_bytes(strict)
if b"DFPYUDF" in data and b"DFPYCHN" not in data:
    print("broken: a bare frame")
    sys.exit(1)
print("kept: no bare frame")
