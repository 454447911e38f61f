import pyarrow as pa
from datafusion import SessionContext, ipc, udf
from distributed import Client


def begin():
    ipc.set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))


def make():
    from datafusion import col  # on Python 3.10, cloudpickle cannot take it along

    return udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f")(col("a"))


if __name__ == "__main__":
    other = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
    SessionContext.global_ctx().register_udf(other)
    with Client(n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        client.run(begin)
        expr = client.submit(make).result()
    frame = SessionContext().from_pydict({"a": [1]})
    assert frame.select(expr.alias("r")).to_pydict() == {"r": [-7]}  # the driver's function
