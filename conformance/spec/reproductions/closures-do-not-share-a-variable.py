"""Two functions of a UDF share a variable of a closure; decoded, each has one of its own."""

import sys

try:
    import pyarrow as pa
    from datafusion import Expr, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def make():
    total = 0

    def add(n):
        nonlocal total
        total += n

    def sum_so_far(a):
        for n in a.to_pylist():
            add(n)
        return pa.array([total] * len(a))

    return sum_so_far


def run(expr):
    frame = SessionContext().from_pydict({"a": [1, 2, 3]})
    return frame.select(expr.alias("v")).to_pydict()["v"]


call = udf(make(), [pa.int64()], pa.int64(), "volatile", "sum_so_far")(col("a"))
sent = call.to_bytes()
here, there = run(call), run(Expr.from_bytes(sent))
print(f"before it is encoded {here}, decoded {there}")
sys.exit(here != there)
