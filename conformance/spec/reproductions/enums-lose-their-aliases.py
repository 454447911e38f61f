"""A second name of an enum's member is lost: the receiver gives another result."""

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


class Level(Enum):
    LOW = 1
    QUIET = LOW


def count(a):
    return pa.array([v * len(Level.__members__) for v in a.to_pylist()])


data = udf(count, [pa.int64()], pa.int64(), "immutable", "count")(col("a")).to_bytes()
done = subprocess.run(
    [sys.executable, "-c", RECEIVER], input=data, capture_output=True, check=False
)
seen = done.stdout.decode().strip() or done.stderr.decode().strip().splitlines()[-1]
print(f"expected [2, 4, 6], seen {seen}")
sys.exit(seen != "[2, 4, 6]")
