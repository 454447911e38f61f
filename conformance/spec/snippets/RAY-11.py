import psutil
import pyarrow as pa
import ray
from datafusion import SessionContext, col, ipc, udf

f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")


@ray.remote
class Actor:
    def run(self, expr):
        ipc.set_worker_ctx(SessionContext())
        return str(expr)


ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False)
assert ray.get(Actor.remote().run.remote(f(col("a")))) == str(f(col("a")))
started = psutil.Process().children(recursive=True)
ray.shutdown()

assert started
assert psutil.wait_procs(started, timeout=10)[1] == []
