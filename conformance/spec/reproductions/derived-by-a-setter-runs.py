"""A session that a codec's setter derives from a strict one runs code from a physical plan."""

import sys

try:
    import pyarrow as pa
    from datafusion import ExecutionPlan, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Spy:
    def __call__(self, a):
        return a

    def __reduce__(self):
        return exec, ("import sys; sys.ran = True",)


same = udf(Spy(), [pa.int64()], pa.int64(), "immutable", "same")
codec = SessionContext().with_python_udf_inlining(enabled=False)
session = SessionContext()
plan = session.sql("SELECT * FROM (VALUES (1)) AS t(a)").select(same(col("a"))).execution_plan()
strict = SessionContext().with_python_udf_inlining(enabled=False)
derived = strict.with_physical_extension_codec(codec)
try:
    seen = f"decoded to {ExecutionPlan.from_bytes(derived, plan.to_bytes())}"
except Exception as error:  # noqa: BLE001 - only the run of the payload counts
    seen = f"{type(error).__name__}: {error}"
if hasattr(sys, "ran"):
    print(f"broken: the payload ran; {seen}")
    sys.exit(1)
print(f"kept: nothing ran; {seen}")
