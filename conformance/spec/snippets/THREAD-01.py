import pickle
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf


def begin():
    strict = SessionContext().with_python_udf_inlining(enabled=False)
    ipc.set_sender_ctx(strict)
    ipc.set_worker_ctx(strict)


def work(_):
    try:
        refused = str(pickle.loads(data))
    except Exception as error:
        refused = str(error)
    return b"DFPYUDF" in pickle.dumps(expr), "inlining is disabled" in refused


expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))
data = pickle.dumps(expr)
with ThreadPoolExecutor(4, initializer=begin) as threads:
    assert set(threads.map(work, range(40))) == {(False, True)}
