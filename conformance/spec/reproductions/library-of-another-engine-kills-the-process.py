"""A library of functions that was built for another engine ends the process.

Usage: library-of-another-engine-kills-the-process.py FOLDER. Install the library into FOLDER first:
    pip install --no-deps --target FOLDER datafusion-extra-functions-ffi==0.1.0  (engine 55)
    pip install --no-deps --target FOLDER geodatafusion==0.4.0  (engine 54)
"""

import subprocess
import sys

RUN = """
import sys
sys.path.append(sys.argv[1])
from datafusion import SessionContext, col, udaf, udf
try:
    from datafusion_extra_functions_ffi import udaf_by_name
    call = udaf(udaf_by_name("mode"))(col("a"))
except ModuleNotFoundError:
    from geodatafusion.native import Point
    call = udf(Point())(col("a"), col("a"))
print(SessionContext().from_pydict({"a": [1.0]}).aggregate([], [call]).to_pydict())
"""

if len(sys.argv) != 2:
    print(__doc__)
    sys.exit(2)
run = subprocess.run([sys.executable, "-c", RUN, sys.argv[1]], check=False)
if run.returncode < 0:
    print(f"broken: the process was killed by signal {-run.returncode}")
    sys.exit(1)
print("kept: the process survived")
