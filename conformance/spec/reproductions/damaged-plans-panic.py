"""One flipped bit in a plan's bytes panics, on a strict session and without a frame."""

import sys

try:
    from datafusion import ExecutionPlan, LogicalPlan, SessionContext
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

session = SessionContext().with_python_udf_inlining(enabled=False)
frame = session.sql("SELECT a FROM (VALUES ('x', 1)) AS t(g, a)")
panics = 0
for kind, plan in ((LogicalPlan, frame.logical_plan()), (ExecutionPlan, frame.execution_plan())):
    data = plan.to_bytes()
    for bit, place in ((bit, place) for bit in (0x80, 0x40) for place in range(len(data))):
        damaged = data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]
        try:
            kind.from_bytes(session, damaged)
        except Exception:  # noqa: BLE001 - any error is correct
            continue
        except BaseException as error:  # noqa: BLE001 - a panic is no Exception
            print(f"{kind.__name__}, byte {place}: {type(error).__name__}: {error}")
            panics += 1
            break  # another one may end the process
sys.exit(panics > 0)
