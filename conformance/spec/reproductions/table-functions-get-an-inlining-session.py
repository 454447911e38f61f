"""A table function that is called on a strict session gets a session that writes frames."""

import sys

try:
    import pyarrow as pa
    import pyarrow.dataset as ds
    from datafusion import SessionContext, col, udf, udtf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

i64 = pa.int64()
same = udf(lambda a: a, [i64], i64, "immutable", "same")
frames = []


def rows(*, session):
    frames.append(b"DFPYUDF" in same(col("a")).to_bytes(session))
    return ds.dataset(pa.table({"a": [1]}))


strict = SessionContext().with_python_udf_inlining(enabled=False)
strict.register_udtf(udtf(rows, "rows", with_session=True))
strict.sql("SELECT * FROM rows()").collect()
print("a frame was written" if any(frames) else "no frame was written")
sys.exit(any(frames))
