import pickle
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf

expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))
data = pickle.dumps(expr)


def work(inlining):
    session = SessionContext().with_python_udf_inlining(enabled=inlining)
    ipc.set_sender_ctx(session)
    ipc.set_worker_ctx(session)
    try:
        decoded = bool(str(pickle.loads(data)))
    except Exception:
        decoded = False
    return b"DFPYUDF" in pickle.dumps(expr), decoded


with ThreadPoolExecutor(8) as threads:
    assert list(threads.map(work, [True, False] * 40)) == [(True, True), (False, False)] * 40
