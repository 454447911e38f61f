from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from datafusion import LogicalPlan, SessionContext, col, udf


def constant(k):
    return udf(lambda a: pa.array([k] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")


def run(k):
    session = SessionContext()
    frame = session.sql("SELECT * FROM (VALUES (1), (2)) AS t (a)")
    plan = frame.select(constant(k)(col("a")).alias("r")).logical_plan()
    decoded = LogicalPlan.from_bytes(session, plan.to_bytes(session))
    return session.create_dataframe_from_logical_plan(decoded).to_pydict()


with ThreadPoolExecutor(8) as threads:
    assert list(threads.map(run, range(40))) == [{"r": [k, k]} for k in range(40)]
