import pyarrow as pa
import ray
from datafusion import SessionContext, col, udf

f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")


@ray.remote
class Actor:
    def run(self, expr):
        return SessionContext().from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]


ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False)
assert ray.get(Actor.remote().run.remote(f(col("a")))) == [-7]
