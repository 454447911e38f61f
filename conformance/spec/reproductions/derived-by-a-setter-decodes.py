"""A session that a codec's setter derives from a strict one decodes a frame in a physical plan."""

import sys

try:
    import pyarrow as pa
    from datafusion import ExecutionPlan, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
codec = SessionContext().with_python_udf_inlining(enabled=False)
session = SessionContext()
plan = session.sql("SELECT * FROM (VALUES (1)) AS t(a)").select(same(col("a"))).execution_plan()
strict = SessionContext().with_python_udf_inlining(enabled=False)
derived = strict.with_physical_extension_codec(codec)
try:
    print(f"broken: decoded to {ExecutionPlan.from_bytes(derived, plan.to_bytes())}")
    sys.exit(1)
except Exception as error:  # noqa: BLE001 - plans raise no other class
    print(f"kept: {error}")
