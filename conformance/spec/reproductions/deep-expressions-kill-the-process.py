"""Encoding 3,000 nested calls overflows the native stack, and the process dies."""

import subprocess
import sys
from importlib.util import find_spec

if not (find_spec("datafusion") and find_spec("pyarrow")):
    print("this script cannot run: there is no datafusion, or no pyarrow")
    sys.exit(2)

CODE = """
import threading
from datafusion import col, functions
expr = col("a")
for _ in range(3000):
    expr = functions.abs(expr)
def encode():
    try:
        expr.to_bytes()
    except Exception as error:
        print(type(error).__name__)
threading.stack_size(8 * 2**20)  # whatever `ulimit -s` says
thread = threading.Thread(target=encode)
thread.start()
thread.join()
"""
code = subprocess.run([sys.executable, "-c", CODE], timeout=60, check=False).returncode
print(f"the exit code of the child is {code}" + (f": signal {-code}" if code < 0 else ""))
sys.exit(0 if code == 0 else 1)
