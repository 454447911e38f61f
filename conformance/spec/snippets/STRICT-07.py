import os
import tempfile

import pyarrow as pa
from datafusion import Expr, SessionContext, col, udf

place = os.path.join(tempfile.mkdtemp(), "ran")


class Loud:
    def __call__(self, a):
        return a

    def __reduce__(self):
        return os.mkdir, (place,)


data = udf(Loud(), [pa.int64()], pa.int64(), "immutable", "f")(col("a")).to_bytes()
strict = SessionContext().with_python_udf_inlining(enabled=False)
try:
    Expr.from_bytes(data, strict)
except Exception as error:
    print(error)

assert not os.path.exists(place)
