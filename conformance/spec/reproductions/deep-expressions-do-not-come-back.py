"""From 50 nested calls on, ``from_bytes`` refuses what ``to_bytes`` writes."""

import sys

try:
    from datafusion import Expr, col, functions
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

broken = 0
for depth in (10, 49, 50, 200):
    expr = col("a")
    for _ in range(depth):
        expr = functions.abs(expr)
    data = expr.to_bytes()
    try:
        Expr.from_bytes(data)
        print(f"{depth} nested calls: decoded")
    except RuntimeError as error:
        print(f"{depth} nested calls: {str(error)[:60]} ... {str(error)[-40:]}")
        broken = 1
sys.exit(broken)
