"""A strict session's codec from a bundle, an inlining session, writes the callable."""

import sys

try:
    import pyarrow as pa
    from datafusion import SessionContext, SessionExtensionComponents, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
inlining = SessionContext()


class Bundle:
    def __datafusion_session_components__(self, session):
        return SessionExtensionComponents(logical_extension_codecs=(inlining,))


strict = SessionContext().with_python_udf_inlining(enabled=False).with_extensions(Bundle())
data = same(col("a")).to_bytes(strict)
if b"DFPY" in data:
    print(f"broken: frames of {[magic for magic in (b'DFPYCHN', b'DFPYUDF') if magic in data]}")
    sys.exit(1)
print("kept: by name")
