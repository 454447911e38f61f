import os
from contextlib import suppress

import pyarrow as pa
import ray
from datafusion import col, udf


class Deadly:
    def __reduce__(self):
        return os._exit, (1,)


@ray.remote
class Actor:
    def run(self, expr):
        return str(expr)


ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False)
deadly = Deadly()
f = udf(lambda a: (deadly, a)[1], [pa.int64()], pa.int64(), "immutable", "f")
with suppress(ray.exceptions.RayActorError):
    raise AssertionError(ray.get(Actor.remote().run.remote(f(col("a")))))
