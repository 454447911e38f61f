import pyarrow as pa
from datafusion import SessionContext, udf
from joblib import Parallel, delayed


def make():
    from datafusion import col  # on Python 3.10, cloudpickle cannot take it along

    f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
    return f(col("a"))


(expr,) = Parallel(n_jobs=2)([delayed(make)()])
frame = SessionContext().from_pydict({"a": [1]})

assert frame.select(expr.alias("r")).to_pydict() == {"r": [-7]}
