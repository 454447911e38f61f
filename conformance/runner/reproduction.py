"""Reproduce a failure: the command of the case alone, and its calls without this suite."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import pytest

from conformance.runner import snippets
from conformance.runner.calls.rerun import Rerun
from conformance.runner.isolation import parameters_of
from conformance.spec.divergence_lists import ENGINES
from conformance.subjects import SUBJECT, external
from conformance.util.shell import pasteable


class Reproduction:
    """The commands and scripts for the failures of one run."""

    def __init__(self, config: pytest.Config, spec: str) -> None:
        self._config = config
        self._spec = spec
        self._rerun = Rerun(spec)

    def command(self, case: pytest.Item) -> str:
        """Return the command that runs this case alone on the same subject."""
        command = ["-m", "pytest", "-p", "conformance.runner.plugin", "-p", "no:cacheprovider"]
        if program := self._config.getoption("--subject-command"):
            command.append(f"--subject-command={program}")
        elif self._spec != SUBJECT:
            command.append(f"--subject={self._spec}")
        for name in self._config.getoption("--divergences"):
            path = name if name == ENGINES else Path(name).resolve()
            command.append(f"--divergences={path}")
        for flag in ("--conformance-strict", "--allow-fixed"):
            if self._config.getoption(flag):
                command.append(flag)
        # The full path of the file: pytest then reads no conftest.py of the folder.
        command.append(f"{case.path}::{case.nodeid.partition('::')[2]}")
        return pasteable(command)

    def request(self, line: str) -> str:
        """Return the command that asks the program one request, after the greeting.

        ``""`` if no program was asked.
        """
        program = self._config.getoption("--subject-command")
        if not (program and line):
            return ""
        hello = json.dumps({"id": 0, "op": "hello", "protocol": external.PROTOCOL})
        asked = shlex.join(["printf", r"%s\n", hello, line])
        return f"(cd {shlex.quote(os.getcwd())} && {asked} | {program})"

    def snippet(self, case: pytest.Item, clause: str) -> str:
        """Return a script that shows a case of a clause on ``datafusion``, or ``""``.

        Where nobody wrote one, it has the calls that the case makes when it runs again. A program
        has none, whatever its name.
        """
        if self._spec == external.SPEC:
            return ""
        values = parameters_of(case) if isinstance(case, pytest.Function) else {}
        written = snippets.snippet(clause, values)
        if written or self._spec != SUBJECT or not isinstance(case, pytest.Function):
            return written
        return self._rerun.script(case, clause, values)

    def close(self) -> None:
        """End the process in which cases run again."""
        self._rerun.close()
