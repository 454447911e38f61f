"""A strict driver unpickles the inline expressions that tasks return."""

import sys

try:
    import pyarrow as pa
    import pyarrow.compute as pc
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import set_worker_ctx
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
        set_worker_ctx(strict())
        try:
            seen = client.submit(lambda: times(7)(col("a"))).result(timeout=30)
        except RuntimeError as error:
            print("refused:", error)
        else:
            print("a strict driver decoded an inline answer:", seen)
            sys.exit(1)
