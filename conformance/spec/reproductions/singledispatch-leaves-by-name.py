"""A UDF that uses functools.singledispatch cannot be pickled, and leaves by name."""

import sys
from functools import singledispatch

try:
    import pyarrow as pa
    from datafusion import col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


@singledispatch
def kind(v):
    return v


def f(a):
    return pa.array([kind(v) for v in a.to_pylist()])


kinds = udf(f, [pa.int64()], pa.int64(), "immutable", "kinds")
try:
    data = kinds(col("a")).to_bytes()
except Exception as error:  # noqa: BLE001 - any error keeps the promise
    print(f"kept: {type(error).__name__}: {error}")
    sys.exit(0)
inline = b"DFPYUDF" in data
print(f"no error; {len(data)} bytes, a frame in them: {inline}")
sys.exit(0 if inline else 1)
