"""An argument whose type is an ordered dictionary is written as an unordered one."""

import pickle
import sys

try:
    import pyarrow as pa
    from datafusion import col, udf
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

type_ = pa.dictionary(pa.int32(), pa.string(), ordered=True)
data = udf(lambda a: a, [type_], pa.string(), "immutable", "words")(col("a")).to_bytes()
inputs = pickle.loads(data[data.index(b"DFPYUDF") + 10 :])[2]
written = pa.ipc.open_stream(inputs).schema.field(0).type
print(f"declared: ordered={type_.ordered}; in the bytes: ordered={written.ordered}")
sys.exit(0 if written.ordered else 1)
