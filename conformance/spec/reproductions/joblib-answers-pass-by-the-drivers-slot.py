"""loky decodes answers in a thread of its own, which ignores the driver's worker slot."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import set_sender_ctx, set_worker_ctx
    from joblib import Parallel, delayed
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def times(factor):
    work = lambda a: pc.multiply(a, factor)  # noqa: E731
    return udf(work, [pa.int64()], pa.int64(), "immutable", "times")


def answer():
    set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
    return times(1)(col("a"))


if __name__ == "__main__":
    SessionContext.global_ctx().register_udf(times(2))
    session = SessionContext()
    session.register_udf(times(3))
    set_worker_ctx(session)
    answers = Parallel(n_jobs=2)([delayed(answer)()])
    frame = SessionContext().from_pydict({"a": [1]})
    results = [frame.select(one.alias("r")).to_pydict()["r"] for one in answers]
    print("expected [3] (the slot's function); [2] is the global session's:", results)
    sys.exit(0 if all(result == [3] for result in results) else 1)
