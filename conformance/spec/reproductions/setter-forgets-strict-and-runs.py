"""A strict session that gets a codec, itself strict, runs code from an inline frame."""

import sys

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
codec = SessionContext().with_python_udf_inlining(enabled=False)
strict = SessionContext().with_python_udf_inlining(enabled=False)
strict = strict.with_logical_extension_codec(codec)
data = small(col("a")).to_bytes()
try:
    seen = f"decoded to {Expr.from_bytes(data, strict)}"
except Exception as error:  # noqa: BLE001 - only the run of the payload counts
    seen = f"{type(error).__name__}: {error}"
if hasattr(sys, "ran"):
    print(f"broken: the payload ran; {seen}")
    sys.exit(1)
print(f"kept: nothing ran; {seen}")
