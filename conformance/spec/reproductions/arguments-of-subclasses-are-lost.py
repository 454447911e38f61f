"""A UDF whose class takes an argument in its class statement is written, but not decodable."""

import subprocess
import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Base:
    def __init_subclass__(cls, *, step):
        cls.step = step


class Plus(Base, step=9):
    pass


def f(a):
    return pc.add(a, Plus.step)


data = udf(f, [pa.int64()], pa.int64(), "immutable", "steps")(col("a")).to_bytes()
code = f"from datafusion import Expr; print(Expr.from_bytes(bytes.fromhex({data.hex()!r})))"
run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
error = run.stderr.partition(", value: ")[2].partition(", traceback: ")[0]
print(run.stdout.strip() or f"not decoded: {error}")
sys.exit(0 if run.returncode == 0 else 1)
