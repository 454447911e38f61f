"""The threads of an actor do not see the strict session that its constructor installed."""

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
    import ray
except ImportError:
    print("Ray is not installed; run: python -m pip install ray")
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


@ray.remote(max_concurrency=2)
class Actor:
    def __init__(self):
        set_worker_ctx(strict())

    def values(self, expr):
        return values(expr)


if __name__ == "__main__":
    ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False)
    try:
        seen = ray.get(Actor.remote().values.remote(times(2)(col("a"))), timeout=60)
        print(f"a strict actor ran the function of an inline expression: {seen}")
        sys.exit(1)
    except ray.exceptions.RayTaskError as error:
        print("refused:", error)
    finally:
        ray.shutdown()
