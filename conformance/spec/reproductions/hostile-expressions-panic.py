"""An expression of five bytes, a decimal without its 16 bytes, panics on a strict session."""

import sys

try:
    from datafusion import Expr, SessionContext
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

DATA = bytes.fromhex("1a03a20100")
session = SessionContext().with_python_udf_inlining(enabled=False)
try:
    Expr.from_bytes(DATA, session)
    print("decoded")
except Exception as error:  # noqa: BLE001 - any error is correct
    print(type(error).__name__)
except BaseException as error:  # noqa: BLE001 - a panic is no Exception
    print(f"{len(DATA)} bytes: {type(error).__name__}: {error}")
    sys.exit(1)
