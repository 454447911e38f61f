import pickle

import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf
from joblib import Parallel, delayed, parallel_config


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
with parallel_config("loky", initializer=begin):
    assert Parallel(n_jobs=2)([delayed(run)(pickle.dumps(f(col("a"))))]) == [[-7]]
