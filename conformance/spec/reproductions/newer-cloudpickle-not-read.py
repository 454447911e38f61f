"""cloudpickle 2.2.1 does not read bytes of cloudpickle 3 on the same Python.

Pass the folder of that version: ``pip install --target FOLDER cloudpickle==2.2.1``.
"""

import os
import subprocess
import sys

SEND = """
import pyarrow as pa
from datafusion import col, udf
same = udf(lambda a: a, [pa.int64()], pa.int64(), "immutable", "same")
print(same(col("a")).to_bytes().hex())
"""
RECEIVE = """
import sys, cloudpickle
from datafusion import Expr
print(cloudpickle.__version__, Expr.from_bytes(bytes.fromhex(sys.argv[1])))
"""


def run(code, *arguments, **environment):
    command = [sys.executable, "-c", code, *arguments]
    env = {**os.environ, **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


if len(sys.argv) != 2:
    print(__doc__)
    sys.exit(2)
seen = run(RECEIVE, run(SEND).stdout.strip(), PYTHONPATH=sys.argv[1])
print(seen.stdout or seen.stderr.strip().splitlines()[-1])
sys.exit(0 if seen.returncode == 0 else 1)
