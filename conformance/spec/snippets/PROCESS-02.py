import multiprocessing

import pyarrow as pa
from datafusion import SessionContext, col, udf

f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")


def work(expr, answers):
    frame = SessionContext().from_pydict({"a": [1]})
    answers.put(frame.select(expr.alias("r")).to_pydict()["r"])


if __name__ == "__main__":
    for start in ("fork", "forkserver", "spawn"):
        context = multiprocessing.get_context(start)
        answers = context.SimpleQueue()
        process = context.Process(target=work, args=(f(col("a")), answers))
        process.start()
        process.join()
        assert process.exitcode == 0, start
        assert answers.get() == [-7], start
