"""The more UDFs a session has, the longer it takes to decode a call of one by name."""

import sys
import time

try:
    import pyarrow as pa
    from datafusion import Expr, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


def shortest_decode(registered):
    session = SessionContext().with_python_udf_inlining(enabled=False)
    for number in range(registered):
        session.register_udf(udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", f"f{number}"))
    f = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "f0")
    data = f(col("a")).to_bytes(session)
    taken = []
    for _ in range(100):
        start = time.process_time()
        Expr.from_bytes(data, session)
        taken.append(time.process_time() - start)
    return min(taken)


few, many = shortest_decode(256), shortest_decode(4096)
print(f"{few * 1e6:.0f} microseconds with 256 UDFs, {many * 1e6:.0f} with 4,096")
sys.exit(many >= 4 * few)
