"""The bytes of a logical plan decode as an empty physical plan, without an error."""

import sys

try:
    import pyarrow as pa
    from datafusion import ExecutionPlan, SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

session = SessionContext()
session.register_udf(udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f"))
frame = session.sql("SELECT f(a) FROM (VALUES (1), (2)) AS t(a)")
try:
    plan = ExecutionPlan.from_bytes(session, frame.logical_plan().to_bytes())
except Exception as error:  # noqa: BLE001 - the script shows the decoder's error
    print(f"{type(error).__name__}: {str(error)[:100]} ...")
else:
    print("decoded as:", plan)
    sys.exit(1)
