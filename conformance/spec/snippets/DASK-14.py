import os

import psutil
import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf
from distributed import Client


def run(expr):
    ipc.set_worker_ctx(SessionContext())
    return str(expr)


if __name__ == "__main__":
    f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
    with Client(n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        assert client.submit(run, f(col("a"))).result() == str(f(col("a")))
        workers = client.run(os.getpid).values()
    assert workers
    assert not any(map(psutil.pid_exists, workers))
