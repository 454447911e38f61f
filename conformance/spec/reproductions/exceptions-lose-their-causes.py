"""An exception that a UDF refers to has no cause at a receiver."""

import subprocess
import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def fail():
    try:
        raise KeyError("first")
    except KeyError as error:
        try:
            raise ValueError("second") from error
        except ValueError as second:
            return second


ERROR = fail()


def f(a):
    return pc.multiply(a, 2 if ERROR.__cause__ else 1)


call = udf(f, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))
code = f"""
from datafusion import Expr, SessionContext
call = Expr.from_bytes(bytes.fromhex({call.to_bytes().hex()!r}))
print(SessionContext().from_pydict({{"a": [1]}}).select(call.alias("v")).to_pydict()["v"])
"""
original = str(SessionContext().from_pydict({"a": [1]}).select(call.alias("v")).to_pydict()["v"])
run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
print("sender:", original)
print("receiver:", run.stdout.strip())
sys.exit(run.stdout.strip() != original)
