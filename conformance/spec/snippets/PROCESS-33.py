import multiprocessing

import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf

fork = multiprocessing.get_context("fork")
f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")


def work(messages, answers):
    ipc.set_worker_ctx(SessionContext().with_python_udf_inlining(enabled=False))
    try:
        answers.put(str(messages.get()))
    except Exception as error:
        answers.put(str(error))


messages, answers = fork.SimpleQueue(), fork.SimpleQueue()
messages.put(f(col("a")))
process = fork.Process(target=work, args=(messages, answers))
process.start()
process.join()

assert "inlining is disabled" in answers.get()
