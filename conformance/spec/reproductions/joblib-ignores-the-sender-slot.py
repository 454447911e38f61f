"""loky pickles in a thread of its own, which ignores the driver's strict sender slot."""

import pickle
import sys

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import set_sender_ctx
    from joblib import Parallel, delayed
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")(col("a"))


class Sent:
    """An object that sends the worker the bytes as which the expression was pickled."""

    def __reduce__(self):
        return bytes, (pickle.dumps(expr),)


def is_inline(data):
    return b"DFPYUDF" in data


if __name__ == "__main__":
    set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
    (inline,) = Parallel(n_jobs=2)([delayed(is_inline)(Sent())])
    print("the UDF left the strict driver inline:", inline)
    sys.exit(1 if inline else 0)
