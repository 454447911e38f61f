import pyarrow as pa
from datafusion import SessionContext, col, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
written = []


class Extension:
    def __datafusion_session_planner__(self, session, fallback):
        written.append(f(col("a")).to_bytes(session))


strict = SessionContext().with_python_udf_inlining(enabled=False)
strict.with_extensions(Extension())

assert b"DFPYUDF" not in written[0]
