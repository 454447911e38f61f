"""loky decodes answers in a thread of its own, which ignores the driver's strict worker slot."""

import sys

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import set_worker_ctx
    from joblib import Parallel, delayed
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def answer():
    return udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")(col("a"))


if __name__ == "__main__":
    set_worker_ctx(SessionContext().with_python_udf_inlining(enabled=False))
    try:
        answers = Parallel(n_jobs=2)([delayed(answer)()])
        print("a strict driver got:", answers)
    except RuntimeError as error:
        print("refused:", error)
    else:
        sys.exit(1)
