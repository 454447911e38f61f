"""The failure that the README explains: made by a run of the suite on a faulty subject."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tasks.cells.paths import ROOT

SUBJECT = "tests.tasks.fuzz.faulty:UnpicklesFirst"
CASE = "test_frame__version.py::test_wrong_version_unpickles_nothing[scalar-from_bytes-strict]"
SHOWN = (
    *("clause", "requires", "case", "done", "failure", "expected", "seen", "severity", "source"),
    *("cell", "FAILED"),
)


def failure() -> str:
    """Run the case on the faulty subject; return the text of its failure.

    What differs between machines is replaced: versions of libraries, and the Python in the
    header. The traceback is left out, and the command is the one that works everywhere.
    """
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "conformance.runner.plugin", "-q"),
            *("-p", "no:cacheprovider", f"conformance/suite/{CASE}", f"--subject={SUBJECT}"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    lines = [line for line in run.stdout.splitlines() if line.partition(" ")[0] in SHOWN]
    if not lines:
        raise RuntimeError(f"the case did not fail:\n{run.stdout}{run.stderr}")
    text = "\n".join(
        line if len(line) <= LONGEST or line.startswith("FAILED") else f"{line[:LONGEST]}..."
        for line in lines
    )
    text = re.sub(r"(?<=^cell       ).*$", CELL, text, flags=re.MULTILINE)
    text = re.sub(r"(?<=DFPYUDF\\x00).*?(?=')", r"\\x03\\x0c", text)
    command = "(cd ... && .../bin/python -m pytest -p conformance.runner.plugin ... '.../test..."
    body, _, line = text.rpartition("\n")
    return f"```text\n{body}\nreproduce  {command}\n...\n{line}\n```\n"


LONGEST = 110
CELL = "engine 55.0.0, cloudpickle 3.1.2, pyarrow 26.0.1, python 3.12.1, platform linux-x86_64"
