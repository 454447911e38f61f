"""From Python 3.11 on, a flag loses the name of two bits: the receiver gives another result."""

import subprocess
import sys
from enum import IntFlag

RECEIVER = """
import sys
import pyarrow as pa
from datafusion import Expr, SessionContext
expr = Expr.from_bytes(sys.stdin.buffer.read())
frame = SessionContext().from_pydict({"a": [1, 2, 3]})
print(frame.select(expr.alias("v")).to_pydict()["v"])
"""

try:
    import pyarrow as pa
    from datafusion import col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Access(IntFlag):
    READ = 1
    WRITE = 2
    BOTH = 3


def scale(a):
    return pa.array([v * (5 if Access(3).name == "BOTH" else 1) for v in a.to_pylist()])


data = udf(scale, [pa.int64()], pa.int64(), "immutable", "scale")(col("a")).to_bytes()
done = subprocess.run(
    [sys.executable, "-c", RECEIVER], input=data, capture_output=True, check=False
)
seen = done.stdout.decode().strip() or done.stderr.decode().strip().splitlines()[-1]
print(f"expected [5, 10, 15], seen {seen}")
sys.exit(seen != "[5, 10, 15]")
