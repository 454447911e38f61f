import multiprocessing

from datafusion import LogicalPlan, SessionContext


def run(data):
    session = SessionContext()
    plan = LogicalPlan.from_bytes(session, data)
    return session.create_dataframe_from_logical_plan(plan).to_pydict()


if __name__ == "__main__":  # the new process never sees this
    import pyarrow as pa
    from datafusion import col, udf

    f = udf(lambda a: pa.array([7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
    frame = SessionContext().sql("SELECT 1 AS a").select(f(col("a")).alias("r"))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(run, [frame.logical_plan().to_bytes()]) == {"r": [7]}
