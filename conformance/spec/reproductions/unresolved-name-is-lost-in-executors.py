"""If a worker of an executor cannot resolve a name, the driver's error gives no reason."""

import multiprocessing
import pickle
import sys
from concurrent.futures import ProcessPoolExecutor

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import clear_sender_ctx, set_sender_ctx
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")


class ByName:
    """An expression that was pickled by name."""

    def __reduce__(self):
        return pickle.loads, (data,)


def begin():
    clear_sender_ctx()


set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
data = pickle.dumps(same(col("a")))
with ProcessPoolExecutor(1, multiprocessing.get_context("fork"), begin) as executor:
    error = executor.submit(str, ByName()).exception()
print("the error:", error)
sys.exit(0 if "same" in str(error) else 1)
