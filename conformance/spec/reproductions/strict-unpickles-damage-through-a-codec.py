"""A strict session's codec, an inlining session, runs code from a frame that is cut short."""

import pickle
import sys

try:
    from datafusion import Expr, SessionContext
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Spy:
    def __reduce__(self):
        return exec, ("import sys; sys.ran = True",)


inlining = SessionContext()
if not hasattr(inlining, "__datafusion_codec_id__"):
    print("kept: this engine has no envelopes")
    sys.exit(0)
strict = SessionContext().with_python_udf_inlining(enabled=False)
strict = strict.with_logical_extension_codec(inlining, codec_id="x")

# The pickle lacks its last opcode.
frame = b"DFPYUDF\1" + bytes(sys.version_info[:2]) + pickle.dumps(Spy(), 2)[:-1]
envelope = b"DFPYCHN\1\1\0\0\0x" + frame


def field(number, data):
    return bytes((number << 3 & 0x7F | 0x82, number >> 4, len(data))) + data


data = field(20, field(1, b"same") + field(3, envelope))
try:
    seen = f"decoded to {Expr.from_bytes(data, strict)}"
except Exception as error:  # noqa: BLE001 - only the run of the payload counts
    seen = f"{type(error).__name__}: {error}"
if hasattr(sys, "ran"):
    print(f"broken: the damaged payload ran; {seen}")
    sys.exit(1)
print(f"kept: nothing ran; {seen}")
