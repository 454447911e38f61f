"""A physical plan of nine bytes asks for a gigabyte or more; a process with less aborts."""

import resource
import subprocess
import sys

try:
    from datafusion import ExecutionPlan, SessionContext
except ModuleNotFoundError as error:
    print(f"this script cannot run: {error}")
    sys.exit(2)

DATA = bytes.fromhex("9a02060a0400000040")

if len(sys.argv) > 1:
    session = SessionContext().with_python_udf_inlining(enabled=False)
    with open("/proc/self/statm") as statm:
        used = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**27, used + 2**27))
    try:
        ExecutionPlan.from_bytes(session, DATA)
    except Exception as error:  # noqa: BLE001 - any error is correct
        print(f"refused: {type(error).__name__}")
    sys.exit(0)

code = subprocess.run([sys.executable, __file__, "decode"], timeout=60, check=False).returncode
print(f"{len(DATA)} bytes, 128 MiB to decode them: the exit code is {code}")
sys.exit(0 if code == 0 else 1)
