"""Run the snippets: ``python -m tests.spec.run_snippets`` prints how each ended, as JSON.

A snippet runs in forks of this process: on the engine as it is, and on one with a fault of its own.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import runpy
import signal
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from conformance.runner.selection import PACKAGES
from conformance.spec import CLAUSES
from conformance.spec.clauses import SNIPPETS
from tests.spec.breaks import BREAKS


def _ended(path: Path, change: Callable[[], None] | None = None) -> tuple[int, str]:
    """Run a snippet in a fork; return its exit code and its last line; end what it started."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        os.setsid()
        text = io.StringIO()
        code = 0
        try:
            if change:
                change()
            with contextlib.redirect_stdout(text):
                runpy.run_path(str(path), run_name="__main__")
        except BaseException as error:  # noqa: BLE001 - as a script ends
            code, text = 1, io.StringIO(f"{type(error).__name__}: {error}")
        os.write(writing, (text.getvalue().strip().splitlines() or [""])[-1][:500].encode())
        os._exit(code)
    os.close(writing)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    os.killpg(pid, signal.SIGKILL)  # such as joblib's workers, which would wait for more to do
    with open(reading, "rb") as stream:
        last = stream.read().decode(errors="replace")
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), last


def _can_run(clause: str) -> bool:
    """Return whether the package that a snippet needs, such as Ray, is installed."""
    needs = CLAUSES[clause].needs
    return needs not in PACKAGES or find_spec(needs) is not None


def main() -> None:
    whole = {
        path.stem: _ended(path) for path in sorted(SNIPPETS.glob("*.py")) if _can_run(path.stem)
    }
    broken = {
        clause: _ended(SNIPPETS / f"{clause}.py", change)
        for change, clauses in BREAKS.items()
        for clause in filter(_can_run, clauses.split())
    }
    json.dump({"whole": whole, "broken": broken}, sys.stdout)


if __name__ == "__main__":
    main()
