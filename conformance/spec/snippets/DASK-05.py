import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf
from distributed import Client


def begin():
    session = SessionContext().with_python_udf_inlining(enabled=False)
    f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
    session.register_udf(f)
    ipc.set_sender_ctx(session)
    ipc.set_worker_ctx(session)


def run(expr):
    return SessionContext().from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict()["r"]


if __name__ == "__main__":
    f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")
    with Client(n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        client.run(begin)
        client.run_on_scheduler(begin)
        ipc.set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
        assert client.submit(run, f(col("a"))).result() == [-7]
