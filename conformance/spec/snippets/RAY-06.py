import pyarrow as pa
import ray
from datafusion import SessionContext, col, ipc, udf


@ray.remote
def run(expr):
    return type(expr)


ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False)
f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "mine_alone")
ipc.set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
try:
    seen = ray.get(run.remote(f(col("a"))))
except ray.exceptions.RayTaskError as error:
    seen = error
assert "mine_alone" in str(seen)
