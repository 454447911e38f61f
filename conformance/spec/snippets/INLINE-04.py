import copy

import pyarrow as pa
from datafusion import SessionContext, col, udf

f = udf(lambda a: pa.array([-7] * len(a)), [pa.int64()], pa.int64(), "immutable", "f")
session = SessionContext()
expr = copy.deepcopy(f(col("a")))

assert session.from_pydict({"a": [1]}).select(expr.alias("r")).to_pydict() == {"r": [-7]}
