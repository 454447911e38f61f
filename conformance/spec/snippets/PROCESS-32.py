import signal

import pyarrow as pa
from datafusion import col, udf
from joblib import Parallel, delayed


class Deadly:
    def __reduce__(self):
        return signal.raise_signal, (signal.SIGKILL,)


deadly = Deadly()
f = udf(lambda a: (deadly, a)[1], [pa.int64()], pa.int64(), "immutable", "f")
try:
    answer = Parallel(n_jobs=2)([delayed(str)(f(col("a")))])
except Exception as error:
    answer = error

assert "terminated" in str(answer)
