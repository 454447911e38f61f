"""``from_bytes`` refuses the output of ``pickle.dumps``, which its docstring promises to accept."""

import pickle
import sys

try:
    from datafusion import Expr, col, lit
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

try:
    print(f"kept: {Expr.from_bytes(pickle.dumps(col('a') + lit(1)))}")
except RuntimeError as error:
    print(f"broken: {error}")
    sys.exit(1)
