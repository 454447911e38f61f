"""A strict session's codec from a bundle, an inlining session, decodes a frame in an envelope."""

import sys
from functools import partial

try:
    import pyarrow as pa
    from datafusion import Expr, SessionContext, SessionExtensionComponents, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

small = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
wide = udf(partial(max, "-" * 5000), [pa.int64()], pa.int64(), "immutable", "same")
inlining = SessionContext()


class Bundle:
    def __datafusion_session_components__(self, session):
        return SessionExtensionComponents(logical_extension_codecs=(inlining,))


strict = SessionContext().with_python_udf_inlining(enabled=False).with_extensions(Bundle())

# An envelope replaces a frame with a wide payload; bytes after a pickle are not read.
name = inlining.__datafusion_codec_id__.encode()
sent = small(col("a")).to_bytes()
envelope = b"DFPYCHN\1" + len(name).to_bytes(4, "little") + name + sent[sent.index(b"DFPYUDF") :]
data = wide(col("a")).to_bytes()
at = data.index(b"DFPYUDF")
data = data[:at] + envelope + data[at + len(envelope) :]
try:
    print(f"broken: decoded to {Expr.from_bytes(data, strict)}")
    sys.exit(1)
except RuntimeError as error:
    print(f"kept: {error}")
