import pyarrow as pa
import ray
from datafusion import SessionContext, ipc, udf


@ray.remote
def make():
    from datafusion import col  # on Python 3.10, cloudpickle cannot take it along

    ipc.set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
    return udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))


session = SessionContext()
f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
session.register_udf(f)
ipc.set_worker_ctx(session)
ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False)
expr = ray.get(make.remote())
frame = session.from_pydict({"a": [1]})
assert frame.select(expr.alias("r")).to_pydict() == {"r": [-7]}  # by name: the driver's function
