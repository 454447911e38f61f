"""Run a failed case again in a process of its own, to record what it calls."""

from __future__ import annotations

import contextlib
import pickle
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.processes.child import Child, ChildError
from conformance.runner.beside import job_of
from conformance.runner.calls.script import read_script

_TIMEOUT = 10.0
"""Seconds to create the subject, and for a case; what it called until then is shown."""


class Rerun:
    """A process for the failed cases of one subject: one case of each clause."""

    def __init__(self, spec: str) -> None:
        self._spec = spec
        self._child: Child | None = None
        self._clauses: set[str] = set()

    def script(self, case: pytest.Function, clause: str, arguments: Mapping[str, Any]) -> str:
        """Return the script of the last call of a case, and of those on which it depends.

        It is empty for the second case of a clause, where the process and thread of the case
        called nothing of ``datafusion``, and where it would fill more than a screen.
        """
        if clause in self._clauses or job_of(case):
            return ""
        self._clauses.add(clause)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "calls.jsonl"
            called = (case.module.__name__, case.originalname, arguments, str(path))
            # A case that ends its process or hangs leaves what it called before.
            with contextlib.suppress(ChildError, pickle.PicklingError, AttributeError, TypeError):
                self._open().call("conformance.runner.child:record", *called, deadline=_TIMEOUT)
            return read_script(path) if path.exists() else ""

    def _open(self) -> Child:
        """Return the process, with the subject in it."""
        if self._child is None or self._child.pid is None:
            self._child = Child()
            self._child.call(
                "conformance.runner.child:open_subject", self._spec, sys.path, deadline=_TIMEOUT
            )
        return self._child

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.close()
