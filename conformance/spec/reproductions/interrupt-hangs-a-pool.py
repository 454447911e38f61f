"""If a worker of a Pool is interrupted while it decodes a task, the driver waits for ever."""

import multiprocessing
import sys

try:
    import pyarrow as pa
    from datafusion import col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Trap:
    """An object that interrupts the process that unpickles it."""

    def __reduce__(self):
        return act, ()


def act():
    raise KeyboardInterrupt


trap = Trap()
expr = udf(lambda a: (trap, a)[1], [pa.int64()], pa.int64(), "immutable", "trapped")(col("a"))

pool = multiprocessing.get_context("fork").Pool(1)
try:
    answer = pool.apply_async(str, (expr,)).get(3)
except multiprocessing.TimeoutError:
    answer = None
print("the answer, after 3 seconds:", answer)
pool.terminate()
sys.exit(1 if answer is None else 0)
