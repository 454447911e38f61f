"""A table function that is called on a strict session gets a session that unpickles frames."""

import sys

try:
    import pyarrow as pa
    import pyarrow.dataset as ds
    from datafusion import Expr, SessionContext, col, udf, udtf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

i64 = pa.int64()
frame = udf(lambda a: a, [i64], i64, "immutable", "same")(col("a")).to_bytes()
decoded = []


def rows(*, session):
    try:
        decoded.append(Expr.from_bytes(frame, session))
    except RuntimeError as error:
        print(f"refused: {error}")
    return ds.dataset(pa.table({"a": [1]}))


strict = SessionContext().with_python_udf_inlining(enabled=False)
strict.register_udtf(udtf(rows, "rows", with_session=True))
strict.sql("SELECT * FROM rows()").collect()
print(f"decoded: {decoded}")
sys.exit(bool(decoded))
