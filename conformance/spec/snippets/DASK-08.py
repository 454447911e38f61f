import pyarrow as pa
from datafusion import SessionContext, col, ipc, udf
from distributed import Client

if __name__ == "__main__":
    f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "mine_alone")
    ipc.set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
    with Client(n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        try:
            seen = client.submit(type, f(col("a"))).result(timeout=30)
        except Exception as error:
            seen = f"{error} {error.__cause__}"
    assert "mine_alone" in str(seen)
