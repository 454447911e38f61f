"""``to_bytes()`` inlines although a strict session is in the sender slot."""

import pickle
import sys

try:
    import pyarrow as pa
    from datafusion import SessionContext, col, udf
    from datafusion.ipc import set_sender_ctx
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

expr = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")(col("a"))
set_sender_ctx(SessionContext().with_python_udf_inlining(enabled=False))
frames = {"pickle.dumps": b"DFPY" in pickle.dumps(expr), "to_bytes()": b"DFPY" in expr.to_bytes()}
print("strict sender, frame in the bytes:", frames)
sys.exit(1 if any(frames.values()) else 0)
