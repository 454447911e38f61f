"""Driver and worker are strict and have the name; joblib sends the UDF inline and breaks."""

import sys
from concurrent.futures.process import BrokenProcessPool

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import set_sender_ctx, set_worker_ctx
    from joblib import Parallel, delayed
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")


def begin():
    session = SessionContext().with_python_udf_inlining(enabled=False)
    session.register_udf(udf(abs, [pa.int64()], pa.int64(), "immutable", "same"))
    set_worker_ctx(session)


if __name__ == "__main__":
    set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
    try:
        print(Parallel(n_jobs=2, initializer=begin)([delayed(str)(same(col("a")))]))
    except BrokenProcessPool as error:
        print("the error:", error)
        sys.exit(1)
