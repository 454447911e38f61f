"""A batch with a buffer past its end, in a physical plan, panics on a strict session."""

import base64
import sys
import zlib

try:
    from datafusion import ExecutionPlan, SessionContext
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

session = SessionContext().with_python_udf_inlining(enabled=False)
PACKED = """
eNqlUTsOwjAMfUnTNpRIMCBRIQZGVpgZOAJ3YOUzIbVbJW7BSRgZORJbcVwjqggJQV35E+c9f9KLPidZldQkVwBDeMlYezAc
cU4ZWPoAIxbQpBuJ78TPyc+YDz0lY+Hors/4dZNX3qSk2+PutD8sqfaI6w+4iuXY13ENPm7m8T0MI97cBeelH/z8D5nVYUI1
xjypE8xaoS2R3yynWys7roQbt0A6OOPDOcy92si+vIuXKsDeBK4C4hz/SY3uomTnSP5p/AO3LIqy6NC76/wmeP9IfCo++cJ/
AvHlHsw=
"""
data = zlib.decompress(base64.b64decode(PACKED))
BYTES = {"buffer-past-the-end": (ExecutionPlan, data)}
panics = 0
for what, (kind, data) in BYTES.items():
    try:
        kind.from_bytes(session, data)
        print(f"{what}: decoded")
    except Exception as error:  # noqa: BLE001 - any error is correct
        print(f"{what}: {type(error).__name__}")
    except BaseException as error:  # noqa: BLE001 - a panic is no Exception
        print(f"{what}, {len(data)} bytes: {type(error).__name__}: {error}")
        panics += 1
sys.exit(panics > 0)
