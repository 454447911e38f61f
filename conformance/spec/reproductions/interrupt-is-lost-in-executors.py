"""If a worker is interrupted while it decodes a task, the driver's error does not say so."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

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

with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as executor:
    error = executor.submit(str, expr).exception()
print("the error:", error)
sys.exit(0 if "KeyboardInterrupt" in str(error) else 1)
