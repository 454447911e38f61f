import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf


def begin():
    f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
    session = SessionContext()
    session.register_udf(f)
    ipc.set_worker_ctx(session)


def run(data):
    frame = SessionContext().from_pydict({"a": [1]})
    return frame.select(pickle.loads(data).alias("r")).to_pydict()["r"]


f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
ipc.set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
with ProcessPoolExecutor(1, multiprocessing.get_context("fork"), begin) as executor:
    assert executor.submit(run, pickle.dumps(f(col("a")))).result() == [-7]
