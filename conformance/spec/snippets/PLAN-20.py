import pyarrow as pa
from datafusion import LogicalPlan, SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "my_name")
session = SessionContext()
frame = session.sql("SELECT * FROM (VALUES (1), (2)) AS t (a)").select(f(col("a")).alias("r"))
strict = SessionContext().with_python_udf_inlining(enabled=False)

try:
    LogicalPlan.from_bytes(SessionContext(), frame.logical_plan().to_bytes(strict))
except Exception as error:
    assert "my_name" in str(error), error
else:
    raise AssertionError("expected an error: no my_name is registered")
