"""A strict session refuses a logical plan with a planning error, not an Execution error."""

import sys

try:
    import pyarrow as pa
    from datafusion import ExecutionPlan, LogicalPlan, SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

session = SessionContext()
session.register_udf(udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f"))
frame = session.sql("SELECT f(a) FROM (VALUES (1)) AS t(a)")
strict = session.with_python_udf_inlining(enabled=False)
shown = []
for kind, plan in (
    (ExecutionPlan, frame.execution_plan()),
    (LogicalPlan, frame.logical_plan()),
):
    try:
        kind.from_bytes(strict, plan.to_bytes())
    except Exception as error:  # noqa: BLE001 - the script shows the refusal
        shown.append(str(error)[:100])
        print(f"{kind.__name__}: {shown[-1]} ...")
sys.exit(not all(text.startswith("DataFusion error: Execution") for text in shown))
