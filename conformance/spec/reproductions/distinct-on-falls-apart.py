"""A logical plan with DISTINCT ON a Python UDF, ordered by the same UDF, does not decode."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import LogicalPlan, SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def over(number):
    return lambda a: pc.greater(a, number)


session = SessionContext()
session.register_udf(udf(over(2), [pa.int64()], pa.bool_(), "immutable", "big"))
values = "(VALUES (1), (2), (3)) AS t(a)"
frame = session.sql(f"SELECT DISTINCT ON (big(a)) a FROM {values} ORDER BY big(a), a")
print("before:", frame.to_pydict())
try:
    plan = LogicalPlan.from_bytes(session, frame.logical_plan().to_bytes())
    print("after:", session.create_dataframe_from_logical_plan(plan).to_pydict())
except Exception as error:  # noqa: BLE001 - the script shows the decoder's error
    print(f"after: {type(error).__name__}: {error}")
    sys.exit(1)
