"""A worker that is interrupted while it decodes a task dies; the driver is not told why."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

import pyarrow as pa
from datafusion import col, udf


class Trap:
    """Interrupts where it is unpickled."""

    def __reduce__(self):
        return act, ()


def act():
    raise KeyboardInterrupt


trap = Trap()
expr = udf(lambda a: (trap, a)[1], [pa.int64()], pa.int64(), "immutable", "trapped")(col("a"))

with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as executor:
    error = executor.submit(str, expr).exception()
print("the error:", error)
sys.exit(0 if "KeyboardInterrupt" in str(error) else 1)
