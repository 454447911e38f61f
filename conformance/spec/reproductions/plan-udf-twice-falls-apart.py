"""A logical plan that calls one Python UDF twice in an aggregate cannot be planned once decoded."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import LogicalPlan, SessionContext, col, udf
    from datafusion import functions as f
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def times(number):
    return lambda a: pc.multiply(a, number)


seven = udf(times(7), [pa.int64()], pa.int64(), "immutable", "times")
session = SessionContext()
frame = session.sql("SELECT * FROM (VALUES (1), (2), (3)) AS t(a)")
frame = frame.aggregate([], [(f.sum(seven(col("a"))) + f.sum(seven(col("a")))).alias("r")])
print("before:", frame.to_pydict())
plan = LogicalPlan.from_bytes(session, frame.logical_plan().to_bytes())
try:
    print("after:", session.create_dataframe_from_logical_plan(plan).to_pydict())
except Exception as error:  # noqa: BLE001 - the script shows the planner's error
    print(f"after: {type(error).__name__}: {error}")
    sys.exit(1)
