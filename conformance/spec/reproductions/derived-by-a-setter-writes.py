"""A session that a codec's setter derives from a strict one writes a frame into a physical plan."""

import sys

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
codec = SessionContext().with_python_udf_inlining(enabled=False)
session = SessionContext()
plan = session.sql("SELECT * FROM (VALUES (1)) AS t(a)").select(same(col("a"))).execution_plan()
strict = SessionContext().with_python_udf_inlining(enabled=False)
derived = strict.with_physical_extension_codec(codec)
if b"DFPY" in plan.to_bytes(derived):
    print("broken: a frame in the plan")
    sys.exit(1)
print("kept: by name")
