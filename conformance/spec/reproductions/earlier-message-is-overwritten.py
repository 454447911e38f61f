"""Decoding a second message changes the results of the UDF in the first."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import Expr, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Price:
    rate = 2

    def __call__(self, a):
        return pc.multiply(a, type(self).rate)


def run(expr):
    frame = SessionContext().from_pydict({"a": [1, 10]})
    return frame.select(expr.alias("r")).to_pydict()["r"]


sent = udf(Price(), [pa.int64()], pa.int64(), "immutable", "price")(col("a"))
messages = {}
for Price.rate in (2, 3):
    messages[Price.rate] = sent.to_bytes()
first = Expr.from_bytes(messages[2])
before = run(first)
Expr.from_bytes(messages[3])
after = run(first)
print(f"first message: {before}; after the second was decoded: {after}")
sys.exit(0 if before == after == [2, 20] else 1)
