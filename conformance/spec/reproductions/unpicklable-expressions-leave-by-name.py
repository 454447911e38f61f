"""Without cloudpickle a UDF travels by name, without an error."""

import sys

try:
    import pyarrow as pa
    from datafusion import col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

double = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "double")
sys.modules["cloudpickle"] = None
try:
    data = double(col("a")).to_bytes()
except Exception as error:  # noqa: BLE001 - any error keeps the promise
    print(f"kept: {type(error).__name__}: {error}")
    sys.exit(0)
print(f"broken: no error; {len(data)} bytes, a frame in them: {b'DFPY' in data}")
sys.exit(1)
