import pyarrow as pa
import ray
from datafusion import SessionContext, col, udf

f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
expr = f(col("a"))


@ray.remote
def run(argument=None):
    used = expr if argument is None else argument
    return SessionContext().from_pydict({"a": [1]}).select(used.alias("r")).to_pydict()["r"]


ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False)
assert ray.get([run.remote(expr), run.remote()]) == [[-7], [-7]]
