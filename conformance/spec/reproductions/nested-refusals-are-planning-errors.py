"""The frame of a nested call is refused with a planning error, not an Execution error."""

import sys

try:
    import pyarrow as pa
    from datafusion import Expr, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
shown = []
for expr in (f(col("a")), f(f(col("a")))):
    try:  # the first frame in the bytes is the inner call's
        Expr.from_bytes(expr.to_bytes().replace(b"DFPYUDF\1", b"DFPYUDF\2", 1))
    except RuntimeError as error:
        shown.append(str(error)[:100])
        print(f"{expr}: {shown[-1]} ...")
sys.exit(
    not all(text.startswith("Unable to decode expr: DataFusion error: Exec") for text in shown)
)
