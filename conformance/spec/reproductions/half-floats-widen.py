"""A float16 literal comes back as a float32 one."""

import sys

try:
    import pyarrow as pa
    from datafusion import Expr, SessionContext, lit
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

half = pa.Array.from_buffers(pa.float16(), 1, [None, pa.py_buffer(b"\x00\x3e")])[0]
expr = lit(half)
frame = SessionContext().from_pydict({"a": [1]})
again = Expr.from_bytes(expr.to_bytes())
before, after = (frame.select(one).schema().field(0).type for one in (expr, again))
print(f"before {before}, after {after}")
sys.exit(before != after)
