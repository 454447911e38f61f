"""A UDF that cannot be pickled travels by name in a logical plan, without an error."""

import sys
import threading

try:
    import pyarrow as pa
    from datafusion import SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

lock = threading.Lock()


def f(a):
    with lock:
        return a


session = SessionContext()
session.register_udf(udf(f, [pa.int64()], pa.int64(), "immutable", "f"))
frame = session.sql("SELECT f(a) FROM (VALUES (1)) AS t(a)")
plans = {"physical": frame.execution_plan(), "logical": frame.logical_plan()}
left = False
for layer, plan in plans.items():
    try:
        data = plan.to_bytes()
    except Exception as error:  # noqa: BLE001 - the script shows the pickler's error
        print(f"{layer}: {str(error)[:100]} ...")
    else:
        left = True
        print(f"{layer}: no error; {len(data)} bytes, with a frame: {b'DFPYUDF' in data}")
sys.exit(left)
