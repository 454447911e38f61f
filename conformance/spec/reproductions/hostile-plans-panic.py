"""Plans of 3 to 40 bytes panic when they are decoded, on a strict session."""

import sys

try:
    from datafusion import ExecutionPlan, LogicalPlan, SessionContext
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

session = SessionContext().with_python_udf_inlining(enabled=False)
BYTES = {
    "avro-scan": (ExecutionPlan, bytes.fromhex("8a0100")),
    "values-without-columns": (LogicalPlan, bytes.fromhex("8201021200")),
    "window-without-input": (
        ExecutionPlan,
        bytes.fromhex(
            "7a260a2422220a20521e0a0b9a020812060a0412027200120f520d0a0b0a090a07636f6c756d6e31"
        ),
    ),
}
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
