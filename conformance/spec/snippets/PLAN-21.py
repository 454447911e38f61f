import pyarrow as pa
from datafusion import LogicalPlan, SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
session = SessionContext()
frame = session.sql("SELECT * FROM (VALUES (1), (2)) AS t (a)").select(f(col("a")).alias("r"))
other = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
receiver = SessionContext()
receiver.register_udf(other)
plan = LogicalPlan.from_bytes(receiver, frame.logical_plan().to_bytes())

assert receiver.create_dataframe_from_logical_plan(plan).to_pydict() == {"r": [1, 2]}
