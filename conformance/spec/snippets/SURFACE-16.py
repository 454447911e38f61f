import gc

import pyarrow as pa
import pyarrow.compute as pc
from datafusion import Expr, SessionContext, col, udf

notebook = {"__name__": "__main__", "pc": pc}
exec("def flip(a): return pc.bit_wise_not(a)", notebook)
frame = SessionContext().from_pydict({"a": [7]})

for function in (lambda a: pc.bit_wise_not(a), notebook["flip"], pc.bit_wise_not):
    f = udf(function, [pa.int64()], pa.int64(), "immutable", "f")
    data = f(col("a")).to_bytes()
    gc.collect()
    expr = Expr.from_bytes(data, SessionContext())
    assert frame.select(expr.alias("r")).to_pydict() == {"r": [-8]}
