import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf
from distributed import Client


def run(data):
    session = SessionContext().with_python_udf_inlining(enabled=False)
    f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
    session.register_udf(f)
    try:
        expr = Expr.from_bytes(data, session)
    except Exception as error:
        return str(error)
    return session.from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]


if __name__ == "__main__":
    expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))
    strict = SessionContext().with_python_udf_inlining(enabled=False)
    with Client(n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        assert client.submit(run, expr.to_bytes(strict)).result() == [-7]
        assert "inlining is disabled" in client.submit(run, expr.to_bytes()).result()
