import pyarrow as pa
from datafusion import LogicalPlan, SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
session = SessionContext()
frame = session.sql("SELECT * FROM (VALUES (1), (2)) AS t (a)").select(f(col("a")).alias("r"))
strict = SessionContext().with_python_udf_inlining(enabled=False)

try:
    LogicalPlan.from_bytes(strict, frame.logical_plan().to_bytes())
except Exception as error:
    print(error)
else:
    raise AssertionError("expected a strict session to refuse the frame")
