"""A cached function of the script travels as a name; the receiver's function of that name runs."""

import functools
import subprocess
import sys

try:
    import pyarrow as pa
    from datafusion import col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


@functools.cache
def cube(n):
    return n**3


def f(a):
    return pa.array([cube(n) for n in a.to_pylist()])


data = udf(f, [pa.int64()], pa.int64(), "immutable", "cubes")(col("a")).to_bytes()
RECEIVER = f"""
from datafusion import Expr, SessionContext
def cube(n): return -n
expr = Expr.from_bytes(bytes.fromhex({data.hex()!r}))
print(SessionContext().from_pydict({{"a": [1, 2, 3]}}).select(expr.alias("r")).to_pydict()["r"])
"""
run = subprocess.run([sys.executable, "-c", RECEIVER], capture_output=True, text=True, check=False)
seen = (run.stdout or run.stderr[-300:]).strip()
print(f"cubes of 1, 2, 3 at a receiver that has a function cube: {seen}")
sys.exit(0 if run.returncode or seen == "[1, 8, 27]" else 1)
