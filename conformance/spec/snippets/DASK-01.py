import pyarrow as pa
from datafusion import SessionContext, col, udf
from distributed import Client


def run(expr):
    return SessionContext().from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]


if __name__ == "__main__":
    f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
    with Client(n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        assert client.submit(run, f(col("a"))).result() == [-7]
