"""The decoded logical plan of a COPY writes a file without the options of the statement."""

import sys
import tempfile
from pathlib import Path

try:
    import pyarrow as pa
    from datafusion import LogicalPlan, SessionContext, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

context, session = SessionContext(), SessionContext()
context.register_udf(udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same"))
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder, "out.csv")
    query = (
        f"COPY (SELECT same(1) AS v, 'x' AS s) TO '{file}' STORED AS CSV "
        "OPTIONS ('format.has_header' 'false', 'format.delimiter' ';')"
    )
    context.sql(query).collect()
    original = file.read_text(encoding="utf-8").splitlines()
    print("original:", original)
    data = context.sql(query).logical_plan().to_bytes()
    session.create_dataframe_from_logical_plan(LogicalPlan.from_bytes(session, data)).collect()
    decoded = file.read_text(encoding="utf-8").splitlines()
    print("decoded:", decoded)
sys.exit(decoded != original)
