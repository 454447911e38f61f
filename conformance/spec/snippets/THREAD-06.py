from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
from datafusion import col, udf

expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))

with ThreadPoolExecutor(8) as threads:
    assert set(threads.map(lambda _: expr.to_bytes(), range(400))) == {expr.to_bytes()}
