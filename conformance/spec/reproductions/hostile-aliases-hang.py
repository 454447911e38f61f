"""A plan of 407 bytes takes more than a day to decode: each nested alias doubles the time."""

import signal
import subprocess
import sys
from importlib.util import find_spec

if not (find_spec("datafusion") and find_spec("pyarrow")):
    print("this script cannot run: there is no datafusion, or no pyarrow")
    sys.exit(2)

CODE = """
import resource
from datafusion import LogicalPlan, SessionContext

def varint(value):
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)

def field(number, *values):
    value = b"".join(values)
    return varint(number << 3 | 2) + varint(len(value)) + value

session = SessionContext().with_python_udf_inlining(enabled=False)
values = session.sql("SELECT * FROM (VALUES (1)) AS t(a)").logical_plan().to_bytes()
expr = field(1, field(1, b"a"), field(2, field(1, b"t")))  # the column t.a
for _ in range(40):
    expr = field(2, field(1, expr), field(2, b"b"))
used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 3, hard))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the limit of time would leave a core dump
LogicalPlan.from_bytes(session, field(3, field(1, values), field(2, expr)))
"""
code = subprocess.run([sys.executable, "-c", CODE], timeout=60, check=False).returncode
if code == -signal.SIGXCPU:
    print("40 aliases, one in another: still decoding after 2 s of CPU time")
    sys.exit(1)
if code:
    sys.exit(f"the process ended with {code}")
print("40 aliases, one in another: decoded")
