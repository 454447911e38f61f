import multiprocessing
import signal

import pyarrow as pa
from datafusion import col, udf


class Deadly:
    def __reduce__(self):
        return signal.raise_signal, (signal.SIGKILL,)


if __name__ == "__main__":
    deadly = Deadly()
    f = udf(lambda a: (deadly, a)[1], [pa.int64()], pa.int64(), "immutable", "f")
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=str, args=(f(col("a")),))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
