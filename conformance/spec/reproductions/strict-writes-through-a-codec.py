"""A strict session's codec, an inlining session, writes the callable into an envelope."""

import sys

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
inlining = SessionContext()
strict = SessionContext().with_python_udf_inlining(enabled=False)
strict = strict.with_logical_extension_codec(inlining)
data = same(col("a")).to_bytes(strict)
if b"DFPY" in data:
    print(f"broken: frames of {[magic for magic in (b'DFPYCHN', b'DFPYUDF') if magic in data]}")
    sys.exit(1)
print("kept: by name")
