"""The first of two scalar UDFs of one name computes both results, without an error."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def times(factor):
    return udf(lambda a: pc.multiply(a, factor), [pa.int64()], pa.int64(), "immutable", "times")


frame = SessionContext().from_pydict({"a": [1, 2, 3]})
seen = frame.select(times(2)(col("a")).alias("x"), times(7)(col("a")).alias("y")).to_pydict()
print(f"x = 2a, y = 7a: {seen}")
sys.exit(0 if seen == {"x": [2, 4, 6], "y": [7, 14, 21]} else 1)
