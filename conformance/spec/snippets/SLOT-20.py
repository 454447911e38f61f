import pickle
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf

expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))
both = Barrier(2)


def is_inline(inlining):
    ipc.set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=inlining))
    both.wait()
    return b"DFPYUDF" in pickle.dumps(expr)


with ThreadPoolExecutor(2) as threads:
    assert list(threads.map(is_inline, [False, True])) == [False, True]
