from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from datafusion import SessionContext, col, udf

expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))
session = SessionContext()


def is_inline(enabled):
    toggled = session.with_python_udf_inlining(enabled=enabled)
    return b"DFPYUDF" in expr.to_bytes(toggled)


with ThreadPoolExecutor(8) as threads:
    assert list(threads.map(is_inline, [True, False] * 100)) == [True, False] * 100
assert b"DFPYUDF" in expr.to_bytes(session)
