"""Before Python 3.12, a UDF with a functools.cached_property leaves by name: it holds a lock."""

import sys
from functools import cached_property

try:
    import pyarrow as pa
    from datafusion import col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Own:
    @cached_property
    def table(self):
        return {1: 10}

    def __call__(self, a):
        return pa.array([self.table.get(v, 0) for v in a.to_pylist()])


own = udf(Own(), [pa.int64()], pa.int64(), "immutable", "own")
try:
    data = own(col("a")).to_bytes()
except Exception as error:  # noqa: BLE001 - any error keeps the promise
    print(f"kept: {type(error).__name__}: {error}")
    sys.exit(0)
inline = b"DFPYUDF" in data
print(f"no error; {len(data)} bytes, a frame in them: {inline}")
sys.exit(0 if inline else 1)
