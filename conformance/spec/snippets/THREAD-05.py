from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from datafusion import SessionContext, col, udf

inlining = SessionContext()
strict = inlining.with_python_udf_inlining(enabled=False)


def constant(k):
    return udf(lambda a: pa.array([k] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")


exprs = [constant(k)(col("a")) for k in range(8)]


def encode(k):
    return exprs[k].to_bytes(strict if k % 2 else inlining)


alone = [encode(k) for k in range(8)]
with ThreadPoolExecutor(8) as threads:
    assert list(threads.map(encode, [*range(8)] * 40)) == alone * 40
