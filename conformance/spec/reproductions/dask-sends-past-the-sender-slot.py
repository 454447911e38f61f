"""UDFs that a strict driver scatters, or runs on the workers, leave it inline."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import set_sender_ctx, set_worker_ctx
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

try:
    from distributed import Client
    from distributed.deploy.subprocess import SubprocessCluster
except ImportError:
    print("Dask is not installed; run: python -m pip install distributed")
    sys.exit(2)


def times(k):
    return udf(lambda a: pc.multiply(a, k), [pa.int64()], pa.int64(), "immutable", "times")


def strict(k=None):
    ctx = SessionContext().with_python_udf_inlining(enabled=False)
    if k:
        ctx.register_udf(times(k))
    return ctx


def values(expr):
    frame = SessionContext().from_pydict({"a": [1, 2, 3]})
    return frame.select(expr.alias("r")).to_pydict()["r"]


if __name__ == "__main__":
    cluster = SubprocessCluster(
        host="127.0.0.1",
        n_workers=1,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
        worker_kwargs={"dashboard_address": "127.0.0.1:0"},
        silence_logs=50,
    )
    with cluster, Client(cluster) as client:
        client.wait_for_workers(1)
        client.run(lambda: set_worker_ctx(strict(7).with_python_udf_inlining(enabled=True)))
        set_sender_ctx(strict())
        (seen,) = client.run(values, times(2)(col("a"))).values()
        print("expected [7, 14, 21], from the workers' function; got", seen)
        sys.exit(seen != [7, 14, 21])
