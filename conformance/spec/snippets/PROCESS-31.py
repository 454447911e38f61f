import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf
from joblib import Parallel, delayed, parallel_config


def begin():
    ipc.set_worker_ctx(SessionContext().with_python_udf_inlining(enabled=False))


f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
with parallel_config("loky", initializer=begin):
    try:
        Parallel(n_jobs=2)([delayed(str)(f(col("a")))])
    except Exception as error:
        causes = f"{error} {error.__cause__}"

assert "UDF 'f'" in causes
assert "inlining is disabled" in causes
