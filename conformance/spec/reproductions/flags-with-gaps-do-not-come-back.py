"""A UDF that uses an IntFlag without one-bit members is written, but nobody can decode it."""

import subprocess
import sys
from enum import IntFlag

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Perm(IntFlag):
    READ = 11
    WRITE = 37


def f(a):
    return pc.add(a, int(Perm.WRITE))


data = udf(f, [pa.int64()], pa.int64(), "immutable", "flags")(col("a")).to_bytes()
code = f"from datafusion import Expr; print(Expr.from_bytes(bytes.fromhex({data.hex()!r})))"
run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
error = run.stderr.partition(", value: ")[2].partition(", traceback: ")[0]
print(run.stdout.strip() or f"not decoded: {error}")
sys.exit(0 if run.returncode == 0 else 1)
