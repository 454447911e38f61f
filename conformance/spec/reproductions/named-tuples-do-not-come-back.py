"""A UDF that uses a typing.NamedTuple of the script is written, but nobody can decode it."""

import subprocess
import sys
from typing import NamedTuple

try:
    import cloudpickle
    import pyarrow as pa
    from datafusion import col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Point(NamedTuple):
    x: int


def f(a):
    return pa.array([Point(v).x for v in a.to_pylist()])


data = udf(f, [pa.int64()], pa.int64(), "immutable", "points")(col("a")).to_bytes()
code = f"from datafusion import Expr; print(Expr.from_bytes(bytes.fromhex({data.hex()!r})))"
run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
error = run.stderr.partition(", value: ")[2].partition(", traceback: ")[0]
print(f"cloudpickle {cloudpickle.__version__}: {run.stdout.strip() or f'not decoded: {error}'}")
sys.exit(0 if run.returncode == 0 else 1)
