import multiprocessing
import pickle

import pyarrow as pa
from datafusion import SessionContext, col, udf


def work(data):
    expr = pickle.loads(data)
    SessionContext().from_pydict({"a": [1]}).select(expr).collect()


f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
process = multiprocessing.get_context("fork").Process(
    target=work, args=(pickle.dumps(f(col("a"))),)
)
process.start()
process.join()

assert process.exitcode == 0
