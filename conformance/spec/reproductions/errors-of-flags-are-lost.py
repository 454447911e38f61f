"""A window UDF raises an error when it is asked how to call it: the engine returns a result."""

import sys

try:
    import pyarrow as pa
    from datafusion import Expr, SessionContext, col, udwf
    from datafusion.user_defined import WindowEvaluator
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)


class Totals(WindowEvaluator):
    def uses_window_frame(self):
        raise ValueError("no rate")

    def evaluate(self, values, eval_range):
        return pa.scalar(sum(values[0].to_pylist()[slice(*eval_range)]))

    def evaluate_all(self, values, num_rows):
        return pa.array([7] * num_rows)


data = udwf(Totals, pa.int64(), pa.int64(), "immutable", "totals")(col("a")).to_bytes()
frame = SessionContext().from_pydict({"a": [1, 2, 3]})
try:
    rows = frame.select(Expr.from_bytes(data).alias("v")).to_pydict()["v"]
except Exception as error:  # noqa: BLE001 - any error keeps the promise
    print(f"seen the error: {error}")
    sys.exit(0)
print(f"expected an error, seen {rows}")
sys.exit(1)
