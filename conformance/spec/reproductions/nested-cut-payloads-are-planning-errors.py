"""An incomplete payload of a nested call is a planning error, not an Execution error."""

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
    data = expr.to_bytes()
    at = data.index(b"DFPYUDF") + 10  # the payload of the first frame, which is the inner call's
    try:
        # The length in the FRAME opcode is one byte too long now.
        Expr.from_bytes(data[: at + 3] + bytes([data[at + 3] + 1]) + data[at + 4 :])
    except RuntimeError as error:
        shown.append(str(error)[:100])
        print(f"{expr}: {shown[-1]} ...")
sys.exit(
    len(shown) < 2
    or not all(text.startswith("Unable to decode expr: DataFusion error: Exec") for text in shown)
)
