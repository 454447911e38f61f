"""A KeyboardInterrupt while a UDF is pickled is lost, and the UDF travels by name."""

import sys

try:
    import pyarrow as pa
    from datafusion import col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Interrupted:
    def __call__(self, a):
        return a

    def __reduce__(self):
        raise KeyboardInterrupt


slow = udf(Interrupted(), [pa.int64()], pa.int64(), "immutable", "slow")
try:
    data = slow(col("a")).to_bytes()
except KeyboardInterrupt:
    print("kept: KeyboardInterrupt")
    sys.exit(0)
except Exception as error:  # noqa: BLE001 - the error that replaced the interrupt
    print(f"broken: {type(error).__name__}: {str(error).splitlines()[0]}")
    sys.exit(1)
print(f"broken: no error; a frame in the bytes: {b'DFPY' in data}")
sys.exit(1)
