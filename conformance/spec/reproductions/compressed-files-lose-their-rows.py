"""A decoded physical plan over a compressed CSV file reads the compressed bytes as lines."""

import gzip
import sys
import tempfile
from pathlib import Path

try:
    import pyarrow as pa
    from datafusion import ExecutionPlan, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

context, session = SessionContext(), SessionContext()
same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder, "x.csv.gz")
    file.write_bytes(gzip.compress(b"a\n1\n2\n", mtime=0))
    context.register_csv("x", file, file_compression_type="gzip", file_extension=".csv.gz")
    frame = context.table("x").select(same(col("a")).alias("v"))
    print("original:", original := frame.to_pylist())
    data = frame.execution_plan().to_bytes()
    plan = ExecutionPlan.from_bytes(session, data)
    batches = [one.to_pyarrow() for one in session.execute(plan, 0)]
    decoded = [row for batch in batches for row in batch.to_pylist()]
    print("decoded:", decoded)
sys.exit(decoded != original)
