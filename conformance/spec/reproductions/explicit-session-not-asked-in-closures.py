"""An expression in a closure uses the sender slot, not the session that the caller passes."""

import sys

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import set_sender_ctx
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def make(function, name):
    return udf(function, [pa.int64()], pa.int64(), "immutable", name)


held = make(lambda a: a, "inner")(col("a"))
outer = make(lambda a: (held, a)[1], "outer")(col("a"))
session = SessionContext()
before = outer.to_bytes(session).count(b"DFPYUDF")
set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
after = outer.to_bytes(session).count(b"DFPYUDF")
print(f"frames with an explicit session: {before}; with a strict sender slot, too: {after}")
sys.exit(before != after)
