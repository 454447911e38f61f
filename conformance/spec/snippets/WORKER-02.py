import multiprocessing

import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf

if __name__ == "__main__":
    f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=str, args=(f(col("a")),))
    process.start()
    process.join()
    assert process.exitcode == 1
else:  # in the worker, before it decodes its arguments
    ipc.set_worker_ctx(SessionContext().with_python_udf_inlining(enabled=False))
