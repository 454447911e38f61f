"""The text of a refusal doubles with each call around the refused one: 40 calls never end."""

import sys

try:
    import pyarrow as pa
    from datafusion import Expr, SessionContext, col, functions, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

call = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "nope")(col("a"))
strict = SessionContext().with_python_udf_inlining(enabled=False)
sizes = []
for _ in range(18):
    call = functions.abs(call)
    try:
        Expr.from_bytes(call.to_bytes(), strict)
    except Exception as error:  # noqa: BLE001 - the script shows its text
        sizes.append(len(str(error)))
print(f"refused in 6, 12 and 18 calls: {sizes[5]:,}, {sizes[11]:,} and {sizes[17]:,} characters")
sys.exit(1 if sizes[17] > 10 * sizes[11] else 0)
