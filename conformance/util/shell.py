"""Commands that a person can paste into a shell, in any folder."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence

VARIABLES = (
    *("PYTHONPATH", "PYTHONHASHSEED", "CONFORMANCE_GOLDEN", "CONFORMANCE_RAY", "CONFORMANCE_DASK"),
    *("CONFORMANCE_COST_ROUNDS", "CONFORMANCE_MODEL_SHRINKS"),
)
"""The environment variables that change the outcome of a run."""


def pasteable(arguments: Sequence[str]) -> str:
    """Return a command that runs this Python with ``arguments``, in the folder of this process.

    It sets the variables of this process, and leaves the folder of the shell as it is.
    """
    names = [name for name in VARIABLES if name in os.environ]
    variables = [f"{name}={shlex.quote(os.environ[name])}" for name in names]
    command = " ".join([*variables, shlex.join([sys.executable, *arguments])])
    return f"(cd {shlex.quote(os.getcwd())} && {command})"
