import pyarrow as pa
from datafusion import SessionContext, col, udf
from joblib import Parallel, delayed

f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")


def run(expr):
    return SessionContext().from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]


assert Parallel(n_jobs=2)([delayed(run)(f(col("a")))]) == [[-7]]
