"""A physical plan over a run-end encoded column does not decode if one batch is empty."""

import sys

try:
    import datafusion
    import pyarrow as pa
    from datafusion import ExecutionPlan, SessionContext, col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

if int(datafusion.__version__.split(".")[0]) < 55:
    print("55 is the first release that promises to carry record batches")
    sys.exit(0)

same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
runs = pa.RunEndEncodedArray.from_arrays([2, 3], pa.array(["u", "v"]))
batch = pa.RecordBatch.from_arrays([pa.array([1, 2, 3]), runs], ["k", "x"])
context = SessionContext()
frame = context.create_dataframe([[batch, batch.slice(3)]]).select(
    same(col("k")).alias("k"), col("x")
)
print("original:", frame.to_pylist())
data = frame.execution_plan().to_bytes()
try:
    ExecutionPlan.from_bytes(SessionContext(), data)
except Exception as error:  # noqa: BLE001 - the script shows what is raised
    print(f"decoding: {error}")
    sys.exit(1)
print("decoded")
