"""The more UDFs a session has, the longer it takes to derive a session by the toggle."""

import sys
import time

try:
    import pyarrow as pa
    from datafusion import SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def shortest_derivation(registered):
    session = SessionContext()
    for number in range(registered):
        session.register_udf(udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", f"f{number}"))
    taken = []
    for _ in range(100):
        start = time.process_time()
        session.with_python_udf_inlining(enabled=False)
        taken.append(time.process_time() - start)
    return min(taken)


few, many = shortest_derivation(256), shortest_derivation(4096)
print(f"{few * 1e6:.1f} microseconds with 256 UDFs, {many * 1e6:.1f} with 4,096")
sys.exit(many >= 4 * few)
