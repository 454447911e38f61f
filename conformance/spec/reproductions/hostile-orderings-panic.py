"""A physical plan of 21 bytes, sorted by a column that is not there, panics on a strict session."""

import sys

try:
    from datafusion import ExecutionPlan, SessionContext
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

session = SessionContext().with_python_udf_inlining(enabled=False)
BYTES = {
    "ordering-past-the-schema": (
        ExecutionPlan,
        bytes.fromhex("22130a11520f0a059a02021200120652040a020a00"),
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
