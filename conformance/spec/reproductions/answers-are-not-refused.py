"""Pools decode answers in a thread of their own, which ignores the driver's strict worker slot."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import set_worker_ctx
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def answer():
    return udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")(col("a"))


if __name__ == "__main__":
    set_worker_ctx(SessionContext().with_python_udf_inlining(enabled=False))
    try:
        fork = multiprocessing.get_context("fork")
        with fork.Pool(1) as pool, ProcessPoolExecutor(1, fork) as executor:
            answers = [pool.apply(answer), executor.submit(answer).result()]
        print("a strict driver got:", answers)
    except RuntimeError as error:
        print("refused:", error)
    else:
        sys.exit(1)
