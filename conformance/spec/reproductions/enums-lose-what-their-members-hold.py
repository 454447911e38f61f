"""The attributes that an enum's `__init__` sets are lost: the UDF fails at the receiver."""

import subprocess
import sys
from enum import Enum

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


class Size(Enum):
    SMALL = (1, 2)
    LARGE = (3, 4)

    def __init__(self, low, high):
        self.span = low + high


def widen(a):
    return pa.array([v * Size.LARGE.span for v in a.to_pylist()])


data = udf(widen, [pa.int64()], pa.int64(), "immutable", "widen")(col("a")).to_bytes()
done = subprocess.run(
    [sys.executable, "-c", RECEIVER], input=data, capture_output=True, check=False
)
seen = done.stdout.decode().strip() or done.stderr.decode().strip().splitlines()[-1]
print(f"expected [7, 14, 21], seen {seen}")
sys.exit(seen != "[7, 14, 21]")
