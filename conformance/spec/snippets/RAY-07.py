import pyarrow as pa
import ray
from datafusion import SessionContext, col, ipc, udf


@ray.remote
class Actor:
    def __init__(self):
        ipc.set_worker_ctx(SessionContext().with_python_udf_inlining(enabled=False))

    async def run(self, expr):
        return str(expr)


ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False)
f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
try:
    seen = ray.get(Actor.remote().run.remote(f(col("a"))))
except ray.exceptions.RayTaskError as error:
    seen = error
assert "inlining is disabled" in str(seen)
