import pyarrow as pa
import ray
from datafusion import SessionContext, col, ipc, udf


@ray.remote
class Actor:
    def __init__(self):
        session = SessionContext()
        f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
        session.register_udf(f)
        ipc.set_worker_ctx(session)

    def run(self, expr):
        (expr,) = expr if isinstance(expr, list) else [expr]
        return SessionContext().from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]


ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False)
expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))
ipc.set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
run = Actor.remote().run.remote
assert ray.get([run(expr), run(expr=expr), run([expr]), run(ray.put(expr))]) == [[-7]] * 4
