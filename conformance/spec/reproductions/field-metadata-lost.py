"""The metadata of an alias and of a literal is lost in a round trip."""

import sys

try:
    from datafusion import Expr, SessionContext, col, lit_with_metadata
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

frame = SessionContext().from_pydict({"a": [1]})
lost = 0
for expr in (col("a").alias("b", {"k": "v"}), lit_with_metadata(1, {"k": "v"})):
    again = Expr.from_bytes(expr.to_bytes())
    before, after = (frame.select(one).schema().field(0).metadata for one in (expr, again))
    print(f"{expr}: before {before}, after {after}")
    lost += before != after
sys.exit(bool(lost))
