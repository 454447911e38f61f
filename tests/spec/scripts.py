"""Run scripts in forks of one process that has the engine: each ends as ``python SCRIPT`` does."""

from __future__ import annotations

import atexit
import os
import runpy
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import IO, NamedTuple, NoReturn

import cloudpickle  # noqa: F401 - the forks have it, too
import datafusion  # noqa: F401 - as above
import pyarrow.compute  # noqa: F401 - as above

from conformance.processes import tree


class Ended(NamedTuple):
    """The end of a script: exit code or minus the signal, and what it wrote."""

    code: int
    output: str
    errors: str


def run(script: str, change: Callable[[], object] | None = None) -> Ended:
    """Run a script in a fork, after ``change`` there; end what it leaves, such as a pool's workers.

    The caller's deadline bounds it: the fork and its children are in this process's group.
    """
    tree.become_subreaper()
    sys.stdout.flush()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # libraries have threads
            pid = os.fork()
        if not pid:
            os.dup2(output.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            _run_in_fork(script, change)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        tree.kill_leftovers()
        return Ended(code, *(_text(stream) for stream in (output, errors)))


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


def _run_in_fork(script: str, change: Callable[[], object] | None) -> NoReturn:
    """Run a script as the main module; end the process as the interpreter does."""
    code = 1
    try:
        if change:
            change()
        sys.argv = [script]
        sys.path[0] = str(Path(script).parent)
        code = _code_of(script)
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _code_of(script: str) -> int:
    """Run a script; return the exit code with which it wants to end."""
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return int(end.code or 0)
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:  # noqa: BLE001 - the interpreter prints all that a script raises
        traceback.print_exc()
        return 1
    return 0
