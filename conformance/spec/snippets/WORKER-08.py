import multiprocessing
import pickle

import pyarrow as pa
from datafusion import SessionContext, col, udf


def work(data, answers):
    expr = pickle.loads(data)
    answers.put([str(expr), b"DFPYUDF" in pickle.dumps(expr)])


f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
SessionContext().from_pydict({"a": [1]}).select(f(col("a"))).collect()
fork = multiprocessing.get_context("fork")
answers = fork.SimpleQueue()
process = fork.Process(target=work, args=(pickle.dumps(f(col("a"))), answers))
process.start()
process.join(10)

assert process.exitcode == 0
assert answers.get() == [str(f(col("a"))), True]
