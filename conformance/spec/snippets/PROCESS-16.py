import multiprocessing

import pyarrow as pa
from datafusion import SessionContext, udf


def tell(answers):
    answers.put("f" in SessionContext.global_ctx().udfs())


if __name__ == "__main__":
    f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
    SessionContext.global_ctx().register_udf(f)
    for start, wanted in {"fork": True, "forkserver": False, "spawn": False}.items():
        context = multiprocessing.get_context(start)
        answers = context.SimpleQueue()
        process = context.Process(target=tell, args=(answers,))
        process.start()
        process.join()
        assert answers.get() == wanted, start
