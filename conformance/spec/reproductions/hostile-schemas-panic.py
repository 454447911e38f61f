"""An unknown type in the schema of a physical plan's batches panics on a strict session."""

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
eNqbxXSYkesA438g2MHAwCDAAAJcYJKTgQXMAosxMjBwgEVZwDQLEDMxUAOIgM3nB5vIAWZLADEPRJJVAKqKBQwZGNiBODk/
pzQ3zxDFFAC0dgqW
"""
data = zlib.decompress(base64.b64decode(PACKED))
BYTES = {"type-unknown": (ExecutionPlan, data)}
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
