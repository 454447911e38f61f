"""A strict session's codec, an inlining session, runs code from an envelope."""

import sys
from functools import partial

try:
    import pyarrow as pa
    from datafusion import Expr, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Spy:
    def __call__(self, a):
        return a

    def __reduce__(self):
        return exec, ("import sys; sys.ran = True",)


small = udf(Spy(), [pa.int64()], pa.int64(), "immutable", "same")
wide = udf(partial(max, "-" * 5000), [pa.int64()], pa.int64(), "immutable", "same")
inlining = SessionContext()
strict = SessionContext().with_python_udf_inlining(enabled=False)
strict = strict.with_logical_extension_codec(inlining)

# An envelope replaces a frame with a wide payload; bytes after a pickle are not read.
name = inlining.__datafusion_codec_id__.encode()
sent = small(col("a")).to_bytes()
envelope = b"DFPYCHN\1" + len(name).to_bytes(4, "little") + name + sent[sent.index(b"DFPYUDF") :]
data = wide(col("a")).to_bytes()
at = data.index(b"DFPYUDF")
data = data[:at] + envelope + data[at + len(envelope) :]
try:
    seen = f"decoded to {Expr.from_bytes(data, strict)}"
except Exception as error:  # noqa: BLE001 - only the run of the payload counts
    seen = f"{type(error).__name__}: {error}"
if hasattr(sys, "ran"):
    print(f"broken: the payload ran; {seen}")
    sys.exit(1)
print(f"kept: nothing ran; {seen}")
