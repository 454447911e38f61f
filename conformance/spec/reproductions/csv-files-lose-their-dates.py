"""The decoded physical plan of a COPY to CSV writes dates, times and timestamps as empty fields."""

import sys
import tempfile
from pathlib import Path

try:
    import pyarrow as pa
    from datafusion import ExecutionPlan, SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

context, session = SessionContext(), SessionContext()
context.register_udf(udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same"))
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder, "out.csv")
    query = (
        "COPY (SELECT same(1) AS v, DATE '2024-01-02' AS d, TIME '03:04:05' AS t, "
        f"TIMESTAMP '2024-01-02 03:04:05' AS s) TO '{file}' STORED AS CSV"
    )
    context.sql(query).collect()
    original = file.read_text(encoding="utf-8").splitlines()
    print("original:", original)
    data = context.sql(query).execution_plan().to_bytes()
    plan = ExecutionPlan.from_bytes(session, data)
    for _ in session.execute(plan, 0):
        pass
    decoded = file.read_text(encoding="utf-8").splitlines()
    print("decoded:", decoded)
sys.exit(decoded != original)
