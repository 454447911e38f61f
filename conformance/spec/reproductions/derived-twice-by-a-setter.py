"""A session derived twice from a strict one, first by a codec's setter, is not strict."""

import sys

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
codec = SessionContext().with_python_udf_inlining(enabled=False)
strict = SessionContext().with_python_udf_inlining(enabled=False)
derived = strict.with_logical_extension_codec(codec).enable_url_table()
if b"DFPY" in same(col("a")).to_bytes(derived):
    print("broken: a frame")
    sys.exit(1)
print("kept: by name")
