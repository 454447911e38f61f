"""A process that decodes its own earlier message gets its class back as it was then."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import Expr, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Price:
    rate = 2

    def __call__(self, a):
        return pc.multiply(a, type(self).rate)


sent = udf(Price(), [pa.int64()], pa.int64(), "immutable", "price")(col("a"))
message = sent.to_bytes()
Price.rate = 3
Expr.from_bytes(message)
print(f"the sender set Price.rate = 3; after it decoded a message, Price.rate = {Price.rate}")
sys.exit(0 if Price.rate == 3 else 1)
