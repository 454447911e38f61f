import multiprocessing
import pickle

import pyarrow as pa
from datafusion import SessionContext, col, udf

fork = multiprocessing.get_context("fork")
answers = fork.SimpleQueue()
f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")


def work(data, steps):
    expr = pickle.loads(data)
    if steps:
        process = fork.Process(target=work, args=(pickle.dumps(expr), steps - 1))
        process.start()
        process.join()
    else:
        frame = SessionContext().from_pydict({"a": [1]})
        answers.put(frame.select(expr.alias("r")).to_pydict()["r"])


work(pickle.dumps(f(col("a"))), 2)
assert answers.get() == [-7]
