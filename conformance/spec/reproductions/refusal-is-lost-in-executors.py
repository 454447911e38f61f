"""If a worker of an executor refuses a frame, it dies and the driver's error gives no reason."""

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

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")


def begin():
    set_worker_ctx(SessionContext().with_python_udf_inlining(enabled=False))


with ProcessPoolExecutor(1, multiprocessing.get_context("fork"), begin) as executor:
    error = executor.submit(str, same(col("a"))).exception()
print("the error:", error)
sys.exit(0 if "inlining is disabled" in str(error) else 1)
