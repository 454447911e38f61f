import multiprocessing

import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")


def work(expr, answers):
    frame = SessionContext().from_pydict({"a": [1]})
    answers.put(frame.select(expr.alias("r")).to_pydict()["r"])


if __name__ == "__main__":
    ipc.set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.SimpleQueue()
    process = spawn.Process(target=work, args=(f(col("a")), answers))
    process.start()
    process.join()
    assert answers.get() == [-7]  # by name: the worker's own function
else:
    other = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
    SessionContext.global_ctx().register_udf(other)
