"""A physical plan with a window partitioned by a Python UDF does not run after a round trip."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import ExecutionPlan, SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def over(number):
    return lambda a: pc.greater(a, number)


session = SessionContext()
session.register_udf(udf(over(2), [pa.int64()], pa.bool_(), "immutable", "big"))
values = "(VALUES (1), (2), (3)) AS t(a)"
query = f"SELECT row_number() OVER (PARTITION BY big(a) ORDER BY a) AS r FROM {values}"


def run(plan):
    partitions = range(plan.partition_count)
    return [
        batch.to_pyarrow().to_pydict() for n in partitions for batch in session.execute(plan, n)
    ]


print("before:", run(session.sql(query).execution_plan()))
data = session.sql(query).execution_plan().to_bytes()
try:
    print("after:", run(ExecutionPlan.from_bytes(session, data)))
except Exception as error:  # noqa: BLE001 - the script shows the engine's error
    print(f"after: {type(error).__name__}: {error}")
    sys.exit(1)
