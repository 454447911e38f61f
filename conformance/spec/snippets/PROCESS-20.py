import multiprocessing
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")


def send(inlining):
    reads, writes = multiprocessing.Pipe(duplex=False)
    ipc.set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=inlining))
    writes.send(f(col("a")))
    return b"DFPYUDF" in reads.recv_bytes()


with ThreadPoolExecutor(2) as threads:
    sent = list(threads.map(send, [True, False] * 20))

assert sent == [True, False] * 20
