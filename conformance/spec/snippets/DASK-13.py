import os

import dask
import pyarrow as pa
from datafusion import col, udf
from distributed import Client, KilledWorker


def die():
    return os._exit(1) if os.environ.get("IS_WORKER") else Deadly()


class Deadly:
    def __reduce__(self):
        return die, ()


if __name__ == "__main__":
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    deadly = Deadly()
    f = udf(lambda a: (deadly, a)[1], [pa.int64()], pa.int64(), "immutable", "f")
    with Client(n_workers=1, dashboard_address=None, env={"IS_WORKER": "1"}) as client:
        error = client.submit(str, f(col("a"))).exception(timeout=30)
    assert isinstance(error, KilledWorker)
